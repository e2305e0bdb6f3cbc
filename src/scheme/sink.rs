//! Where signed content goes.

/// Where signed content goes, part by part.
pub(crate) trait Sink {
    fn data(&mut self, data: &[u8]);

    /// Here the content holds the secret itself.
    fn secret(&mut self);
}

/// Content without a secret in it, joined.
impl Sink for Vec<u8> {
    fn data(&mut self, data: &[u8]) {
        self.extend_from_slice(data);
    }

    fn secret(&mut self) {}
}
