//! What the doctor may find, and how it says it.

use std::fmt;

use http::Method;

use crate::provider::Hash;

/// One change after which the request is accepted, or what its head gives away.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// The sender uses the secret as text, without decoding it.
    SecretIsText,
    /// The sender decodes the secret from base64.
    SecretIsBase64,
    /// The sender decodes the secret from hexadecimal.
    SecretIsHex,
    /// The sender uses the secret without the prefix in front (`whsec_` and the like).
    SecretPrefix,
    /// The secret has white space that does not belong to it.
    SecretWhiteSpace,
    /// The secret has a quote in front or behind that does not belong to it.
    SecretQuotes,
    /// The sender signed with a secret that it publishes: its test button, before the webhook is
    /// saved. What it sends for events is signed with the real one.
    PublishedSecret,
    /// One of the other secrets you gave is the right one: the one with this label.
    OtherSecret(Box<str>),
    /// The sender signs with another hash.
    OtherHash(Hash),
    /// The signature is written in another way: hexadecimal, base64 or base64url.
    OtherEncoding,
    /// The right secret's signature stands in another header than the one that is verified, which
    /// did not come.
    OtherHeader {
        /// The header that came.
        header: &'static str,
        /// The hash under which it was made.
        hash: Hash,
    },
    /// The sender calls another URL. Both are shown without user name, password and query.
    OtherUrl {
        /// The URL that was checked.
        tried: String,
        /// The URL that the sender signed.
        signed: String,
    },
    /// The request has a method that the sender does not use.
    OtherMethod {
        /// The request's.
        sent: Method,
        /// Those that the sender uses, as in `Allow`.
        used: String,
    },
    /// The body was changed on its way: so.
    BodyChanged(BodyChange),
    /// The sender's clock and this machine's differ by so many seconds; positive if the request
    /// looks old.
    ClockOff(i32),
    /// There is no signature where this sender has it, and these headers came that may carry one.
    SignatureHeaders(Vec<Box<str>>),
    /// The request has the signature header of this other provider.
    OtherProvider(&'static str),
}

/// What something between the sender and this service did to a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BodyChange {
    /// A line break at the end was taken off.
    NewlineRemoved,
    /// A line break at the end was added.
    NewlineAdded,
    /// The JSON was parsed and written again with other white space.
    JsonReformatted,
    /// Escapes in the JSON were decoded: the sender wrote `\u00e9`, and `é` came.
    EscapesDecoded,
    /// Characters in the JSON were escaped: the sender wrote `é`, and `\u00e9` came.
    EscapesAdded,
    /// The body came in base64, as API gateways hand on what they take for binary.
    Base64,
    /// The body is empty, and was not: something read it before.
    Emptied,
    /// The body came decompressed, though its head says that it is compressed.
    Decompressed,
    /// The body has another length than its head says.
    LengthChanged {
        /// What `Content-Length` says, in bytes.
        said: u64,
        /// What came, in bytes.
        came: u64,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SecretIsText => {
                f.write_str("the sender uses the secret as text: do not decode it")
            }
            Self::SecretIsBase64 => f.write_str("the sender decodes the secret from base64"),
            Self::SecretIsHex => f.write_str("the sender decodes the secret from hexadecimal"),
            Self::SecretPrefix => f.write_str("the sender uses the secret without its prefix"),
            Self::SecretWhiteSpace => {
                f.write_str("the secret has white space that does not belong to it")
            }
            Self::SecretQuotes => f.write_str("the secret has a quote that does not belong to it"),
            Self::PublishedSecret => f.write_str(
                "the sender signed with the secret that its page publishes, as the test button of a webhook that is not saved does: save it and test again",
            ),
            Self::OtherSecret(label) => write!(f, "the secret `{label}` is the right one"),
            Self::OtherHash(hash) => write!(f, "the sender signs with {hash:?}"),
            Self::OtherEncoding => f.write_str("the signature is written in another encoding"),
            Self::OtherHeader { header, hash } => write!(
                f,
                "the right secret signed in `{header}` with {hash:?}, and the header that is verified did not come: does a proxy drop it, or is the sender's version older?"
            ),
            Self::OtherUrl { tried, signed } => {
                write!(f, "the sender calls {signed}, and {tried} was tried")
            }
            Self::OtherMethod { sent, used } => write!(
                f,
                "the request came by {sent}, and the sender uses {used}: was it redirected, or is it a probe?"
            ),
            Self::BodyChanged(change) => change.fmt(f),
            Self::ClockOff(seconds) => write!(f, "the clocks differ by {seconds} s"),
            Self::SignatureHeaders(names) if names.is_empty() => f.write_str(
                "no header came that could carry a signature: is a secret entered at the sender, and does a proxy drop headers?",
            ),
            Self::SignatureHeaders(names) => {
                write!(f, "there is no signature where this sender has it; what came is `{}`", names.join("`, `"))
            }
            Self::OtherProvider(name) => {
                write!(f, "the request has the signature header of `{name}`")
            }
        }
    }
}

impl fmt::Display for BodyChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NewlineRemoved => "something took a line break off the end of the body",
            Self::NewlineAdded => "something added a line break to the end of the body",
            Self::JsonReformatted => "something parsed the JSON and wrote it again",
            Self::EscapesDecoded => {
                "something decoded the escapes in the JSON: verify the bytes as they came"
            }
            Self::EscapesAdded => {
                "something escaped characters in the JSON: verify the bytes as they came"
            }
            Self::Base64 => {
                "the body came in base64: decode it first, or have the gateway hand it on as it is"
            }
            Self::Emptied => "the body is empty: something read it before",
            Self::Decompressed => {
                "the body was decompressed before it was verified: verify it as it came"
            }
            Self::LengthChanged { said, came } => {
                return write!(
                    f,
                    "`Content-Length` says {said} bytes and {came} came: something changed the body"
                );
            }
        })
    }
}
