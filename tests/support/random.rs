//! A seeded generator: the same cases on every run, so that a failure can be repeated.

/// SplitMix64.
pub struct Random(u64);

impl Random {
    pub fn seeded(seed: u64) -> Self {
        // Not a multiple of the step: seeds one apart would give one sequence, one number apart.
        Self(Self(seed).next())
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    pub fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(len as u64)).unwrap()
    }

    /// Letters, digits and hyphens: what can stand anywhere.
    pub fn word(&mut self, min: usize, max: usize) -> String {
        const ALPHABET: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
        let len = min + self.index(max - min + 1);
        (0..len).map(|_| char::from(ALPHABET[self.index(ALPHABET.len())])).collect()
    }

    /// Any characters, also such as have to be escaped.
    pub fn text(&mut self, max: usize) -> String {
        const CHARS: &[char] = &[
            'a', 'Z', '0', ' ', '+', '&', '=', '%', '"', '\\', '.', '\n', 'é', '€', '🦀', '\0', '|',
        ];
        (0..self.index(max + 1)).map(|_| CHARS[self.index(CHARS.len())]).collect()
    }

    pub fn bytes(&mut self, max: usize) -> Vec<u8> {
        (0..self.index(max + 1)).map(|_| self.next().to_le_bytes()[0]).collect()
    }

    /// Something like JSON, with members that providers look at, sometimes cut off.
    pub fn json(&mut self, depth: usize) -> String {
        const NAMES: &[&str] = &[
            "id",
            "type",
            "event",
            "event_id",
            "signature",
            "timestamp",
            "token",
            "event-data",
            "object",
            "challenge",
            "kind",
            "\\u0069d",
        ];
        let mut text = match self.below(if depth == 0 { 6 } else { 9 }) {
            0 => "null".to_owned(),
            1 => self.next().to_string(),
            2 => "-1.5e300".to_owned(),
            3 => format!("\"{}\"", self.word(0, 8)),
            4 => "\"\\ud800\"".to_owned(),
            5 => "\"url_verification\"".to_owned(),
            6 => {
                let elements: Vec<_> = (0..self.index(4)).map(|_| self.json(depth - 1)).collect();
                format!("[{}]", elements.join(","))
            }
            _ => {
                let members: Vec<_> = (0..self.index(5))
                    .map(|_| {
                        let name = NAMES[self.index(NAMES.len())];
                        format!("\"{name}\":{}", self.json(depth - 1))
                    })
                    .collect();
                format!("{{{}}}", members.join(","))
            }
        };
        if self.below(40) == 0 {
            text.pop();
        }
        text
    }
}
