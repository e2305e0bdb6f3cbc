use crate::provider::{Algorithm::Hmac, Hash::Sha256, Mistake, Part::Body, Provider, header, json};

/// [Mollie](https://docs.mollie.com/reference/webhooks-new): the next-generation webhooks.
///
/// - **Signed**: the whole body, with HMAC-SHA256 in hex behind `sha256=`, in `X-Mollie-Signature`.
///   For 24 h after a rotation the header comes twice, once for each secret, and a proxy may join
///   the two with a comma: one match is enough.
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: `id` and `type` of the body, both signed. The id is the replay key.
/// - **Identity**: the signed id. That it names one event over all its retries is unconfirmed.
/// - **Secret**: the signing secret of the webhook subscription; any text. An API key (`live_…`,
///   `test_…`) is refused.
/// - The classic webhook, a form with `id=tr_…`, carries no signature and is refused: fetch the
///   payment from Mollie instead.
/// - **Answer**: 200 within 15 s. **Retries**: 10 tries over about 26 h.
pub static MOLLIE: Provider = Provider::new("mollie")
    .title("Mollie")
    .docs("https://docs.mollie.com/reference/webhooks-new")
    .signature(
        Hmac(Sha256),
        header("x-mollie-signature").list(",", '=').entry("sha256").hex().repeated(),
    )
    .never_secrets(&[Mistake::new("live_", API_KEY), Mistake::new("test_", API_KEY)])
    .signs(&[Body])
    .event_id(&[json("/id")])
    .event_type(&[json("/type")]);

const API_KEY: &str = "this is an API key: paste the signing secret of the webhook subscription";
