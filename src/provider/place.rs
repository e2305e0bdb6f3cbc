//! Where a value stands in a request, and how a signature or a time is written there.

/// Where a value stands in a request.
///
/// A header, query parameter or form field that comes twice is refused, never guessed at; so is a
/// JSON object that has the wanted member twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// A request header, named in lower case.
    Header(&'static str),
    /// A query parameter, form-decoded once.
    Query(&'static str),
    /// A field of an `application/x-www-form-urlencoded` body, form-decoded once.
    Form(&'static str),
    /// A string or integer of a JSON body, found by its JSON pointer (RFC 6901). Integers are
    /// written in decimal.
    Json(&'static str),
    /// An element of the list that stands in the signature's place: the `t` of Stripe's
    /// `t=…,v1=…`.
    Entry(&'static str),
    /// A string or integer of the JSON that stands in a field of a form body: the field's name and
    /// the JSON pointer.
    FormJson(&'static str, &'static str),
    /// Several strings or integers of a JSON body with a text between them: the JSON pointers and
    /// the text. It is there if all of them are.
    JsonJoined(&'static [&'static str], &'static str),
}

/// A request header, named in lower case.
#[must_use]
pub const fn header(name: &'static str) -> Place {
    Place::Header(name)
}

/// A query parameter.
#[must_use]
pub const fn query(name: &'static str) -> Place {
    Place::Query(name)
}

/// A field of a form body.
#[must_use]
pub const fn form(name: &'static str) -> Place {
    Place::Form(name)
}

/// A string or integer of a JSON body, by JSON pointer: `json("/event/type")`.
#[must_use]
pub const fn json(pointer: &'static str) -> Place {
    Place::Json(pointer)
}

/// An element of the list in the signature's place.
#[must_use]
pub const fn entry(name: &'static str) -> Place {
    Place::Entry(name)
}

/// A string or integer of the JSON in a form field: `form_json("data", "/type")`.
#[must_use]
pub const fn form_json(field: &'static str, pointer: &'static str) -> Place {
    Place::FormJson(field, pointer)
}

/// Several strings or integers of a JSON body, joined with a text between them:
/// `json_joined(&["/meta/action", "/meta/entity"], ".")`, for senders whose type has two parts.
#[must_use]
pub const fn json_joined(pointers: &'static [&'static str], between: &'static str) -> Place {
    Place::JsonJoined(pointers, between)
}

impl Place {
    /// A signature with this text in front: `header("x-slack-signature").prefix("v0=")`.
    #[must_use]
    pub const fn prefix(self, prefix: &'static str) -> SignaturePlace {
        SignaturePlace { grammar: Grammar::Prefixed(prefix), ..self.bare() }
    }

    /// A signature behind an authentication scheme (RFC 9110, section 11), whose case does not
    /// matter: `header("authorization").scheme("Basic").base64()`.
    #[must_use]
    pub const fn scheme(self, scheme: &'static str) -> SignaturePlace {
        SignaturePlace { grammar: Grammar::Scheme(scheme), ..self.bare() }
    }

    /// A list of `key assign value` elements, with any of the `separators` between them, in which
    /// the entries named by [`entry`](SignaturePlace::entry) are signatures:
    /// `.list(",", '=').entry("v1")` reads `t=…,v1=…`. White space around elements is left out.
    #[must_use]
    pub const fn list(self, separators: &'static str, assign: char) -> SignaturePlace {
        SignaturePlace {
            grammar: Grammar::List { separators, assign, key: "", written: "" },
            ..self.bare()
        }
    }

    /// A bare signature in hexadecimal.
    #[must_use]
    pub const fn hex(self) -> SignaturePlace {
        self.bare().hex()
    }

    /// A bare signature in padded standard base64 (RFC 4648, section 4).
    #[must_use]
    pub const fn base64(self) -> SignaturePlace {
        self.bare().base64()
    }

    /// A bare signature in base64url (RFC 4648, section 5), with or without padding.
    #[must_use]
    pub const fn base64url(self) -> SignaturePlace {
        self.bare().base64url()
    }

    /// A token as it stands there, for [`Algorithm::Token`](super::Algorithm::Token).
    #[must_use]
    pub const fn text(self) -> SignaturePlace {
        self.bare().text()
    }

    /// A time in whole Unix seconds.
    #[must_use]
    pub const fn seconds(self) -> TimestampPlace {
        TimestampPlace { place: self, unit: TimeUnit::Seconds }
    }

    /// A time in whole Unix milliseconds.
    #[must_use]
    pub const fn millis(self) -> TimestampPlace {
        TimestampPlace { place: self, unit: TimeUnit::Millis }
    }

    /// A date and time as RFC 3339 writes it.
    #[must_use]
    pub const fn rfc3339(self) -> TimestampPlace {
        TimestampPlace { place: self, unit: TimeUnit::Rfc3339 }
    }

    /// The JSON pointers into the body.
    pub(crate) const fn pointers(&self) -> &[&'static str] {
        match self {
            Self::Json(pointer) => std::slice::from_ref(pointer),
            Self::JsonJoined(pointers, _) => pointers,
            _ => &[],
        }
    }

    /// Whether some of these are fields of a form, and others members of JSON.
    pub(crate) fn mix_forms(list: &[Self]) -> bool {
        let form = |place: &Self| matches!(place, Self::Form(_) | Self::FormJson(..));
        let json = |place: &Self| matches!(place, Self::Json(_) | Self::JsonJoined(..));
        list.iter().any(form) && list.iter().any(json)
    }

    /// Whether the value is known before the body is.
    pub(crate) const fn is_in_head(self) -> bool {
        matches!(self, Self::Header(_) | Self::Query(_))
    }

    const fn bare(self) -> SignaturePlace {
        SignaturePlace {
            place: self,
            grammar: Grammar::Bare,
            encoding: Encoding::Hex,
            occurs: Occurs::Once,
        }
    }
}

/// Where the signature stands and how it is written. Made from a [`Place`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignaturePlace {
    pub(crate) place: Place,
    pub(crate) grammar: Grammar,
    pub(crate) encoding: Encoding,
    pub(crate) occurs: Occurs,
}

impl SignaturePlace {
    /// In a list, the key of the elements that are signatures. Elements with other keys are never
    /// looked at.
    #[must_use]
    pub const fn entry(mut self, key: &'static str) -> Self {
        if let Grammar::List { separators, assign, written, .. } = self.grammar {
            self.grammar = Grammar::List { separators, assign, key, written };
        }
        self
    }

    /// In a list, what the sender writes between two elements, where it is not the first of the
    /// separators alone: a comma and a blank, `", "`. Fixtures are written so; a list is read with
    /// any separator and white space around the elements.
    #[must_use]
    pub const fn written_between(mut self, written: &'static str) -> Self {
        if let Grammar::List { separators, assign, key, .. } = self.grammar {
            self.grammar = Grammar::List { separators, assign, key, written };
        }
        self
    }

    /// The signature is written in hexadecimal.
    #[must_use]
    pub const fn hex(mut self) -> Self {
        self.encoding = Encoding::Hex;
        self
    }

    /// The signature is written in padded standard base64 (RFC 4648, section 4).
    #[must_use]
    pub const fn base64(mut self) -> Self {
        self.encoding = Encoding::Base64;
        self
    }

    /// The signature is written in base64url (RFC 4648, section 5), with or without padding.
    #[must_use]
    pub const fn base64url(mut self) -> Self {
        self.encoding = Encoding::Base64Url;
        self
    }

    /// The token stands there as it is.
    #[must_use]
    pub const fn text(mut self) -> Self {
        self.encoding = Encoding::Text;
        self
    }

    /// The header may come several times, each with a signature of its own: one match is enough.
    #[must_use]
    pub const fn repeated(mut self) -> Self {
        self.occurs = Occurs::Repeated;
        self
    }

    /// The header's name ends with a number, and there may be several with other numbers: one match
    /// is enough. The description has the name without the number.
    #[must_use]
    pub const fn numbered(mut self) -> Self {
        self.occurs = Occurs::Numbered;
        self
    }
}

/// Where the time stands and how it is written. Made from a [`Place`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimestampPlace {
    pub(crate) place: Place,
    pub(crate) unit: TimeUnit,
}

/// How one or several signatures share one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grammar {
    Bare,
    Prefixed(&'static str),
    Scheme(&'static str),
    List {
        separators: &'static str,
        assign: char,
        key: &'static str,
        /// What fixtures have between elements; empty for the first separator.
        written: &'static str,
    },
}

impl Grammar {
    /// Whether elements of this name are signatures.
    pub(crate) fn names(self, name: &[u8]) -> bool {
        matches!(self, Self::List { key, .. } if key.as_bytes() == name)
    }

    /// Whether both are lists that are written alike, whatever they call their signatures.
    pub(crate) fn is_list_like(self, other: Self) -> bool {
        let written = |grammar| match grammar {
            Self::List { separators, assign, .. } => Some((separators, assign)),
            Self::Bare | Self::Prefixed(_) | Self::Scheme(_) => None,
        };
        written(self).is_some() && written(self) == written(other)
    }
}

/// How often the place of a signature may be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Occurs {
    Once,
    Repeated,
    Numbered,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Hex,
    Base64,
    Base64Url,
    Text,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TimeUnit {
    Seconds,
    Millis,
    Rfc3339,
}
