use crate::provider::{Algorithm::Hmac, Hash::Sha1, Mistake, Part::Body, Provider, header};

/// [Unit](https://docs.unit.co/webhooks/#securing-your-webhooks).
///
/// - **Signed**: the whole body, with HMAC-SHA1 in base64, in `X-Unit-Signature`. SHA-1 is broken as
///   a hash, not as an HMAC; Unit has nothing better.
/// - **Time**: none is signed as such (each event has its `createdAt`). **The replay store is the only
///   protection against replays.**
/// - **Event**: none is named; a delivery is a batch, `data[]`, whose elements have an `id` and a
///   `type`. The replay key is a digest of the body.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the *token* that you gave when the webhook was made; any text. An API token
///   (`v2.public.…`) is refused.
pub static UNIT: Provider = Provider::new("unit")
    .title("Unit")
    .docs("https://docs.unit.co/webhooks/#securing-your-webhooks")
    .signature(Hmac(Sha1), header("x-unit-signature").base64())
    .never_secrets(&[Mistake::new(
        "v2.public.",
        "this is an API token: paste the token that you gave to the webhook",
    )])
    .signs(&[Body]);
