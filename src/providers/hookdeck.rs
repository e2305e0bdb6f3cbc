use crate::provider::{Algorithm::Hmac, Hash::Sha256, Part::Body, Provider, header};

/// [Hookdeck](https://hookdeck.com/docs/authentication): what it forwards, signed anew by itself.
///
/// - **Signed**: the whole body, with HMAC-SHA256 in base64, in `X-Hookdeck-Signature` and, while a
///   secret is rolled, also in `X-Hookdeck-Signature-2`: one match is enough.
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: `X-Hookdeck-EventID`, **unsigned**; no type.
/// - **Identity**: a digest of what is signed and the **unsigned** delivery id, since different
///   events may sign the same. That the id stays the same over retries is unconfirmed. Whoever
///   captured a delivery can have it run again under another id;
///   [`strict_identity`](crate::VerifierBuilder::strict_identity) takes the digest alone, and a
///   second event of the same content is then taken for a repetition.
/// - **Secret**: the project's *signing secret*; any text. A destination with a signature of its own
///   choice signs as was set there, not like this.
/// - `X-Hookdeck-Verified` says whether Hookdeck verified the original sender. It is **unsigned**:
///   whoever captured a delivery can change it.
pub static HOOKDECK: Provider = Provider::new("hookdeck")
    .title("Hookdeck")
    .docs("https://hookdeck.com/docs/authentication")
    .signature(Hmac(Sha256), header("x-hookdeck-signature").base64())
    .signature(Hmac(Sha256), header("x-hookdeck-signature-2").base64())
    .signs(&[Body])
    .delivery_id(&[header("x-hookdeck-eventid")]);
