use crate::provider::{Algorithm::Hmac, Hash::Sha256, Mistake, Part::Body, Provider, header, json};

/// [Checkout.com](https://www.checkout.com/docs/workflows).
///
/// - **Signed**: the whole body, with HMAC-SHA256 in hex, in `Cko-Signature`. The `Authorization`
///   header that can be set beside it is not looked at.
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: `id` and `type` of the body, both signed. The id is the replay key.
/// - **Identity**: the signed id. That it names one event over all its retries is unconfirmed.
/// - **Secret**: the *Signature key* of the workflow's webhook action; any text. An API key
///   (`sk_…`) is refused.
/// - **Retries**: unless there was a 2xx; how long is unconfirmed.
pub static CHECKOUT_COM: Provider = Provider::new("checkout-com")
    .title("Checkout.com")
    .aliases(&["checkout"])
    .docs("https://www.checkout.com/docs/workflows")
    .signature(Hmac(Sha256), header("cko-signature").hex())
    .never_secrets(&[Mistake::new("sk_", API_KEY), Mistake::new("pk_", API_KEY)])
    .signs(&[Body])
    .event_id(&[json("/id")])
    .event_type(&[json("/type")]);

const API_KEY: &str =
    "this is an API key: paste the signature key of the workflow's webhook action";
