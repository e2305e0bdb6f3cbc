use crate::handshake::Handshake;
use crate::provider::{
    Algorithm::Hmac,
    Hash::Sha1,
    Mistake,
    Part::{Body, Url},
    Provider, header, json,
};

/// [Trello](https://developer.atlassian.com/cloud/trello/guides/rest-api/webhooks/).
///
/// - **Signed**: the whole body and behind it the callback URL, exactly as you gave it when you
///   created the webhook, with HMAC-SHA1 in base64, in `X-Trello-Webhook`. Trello has nothing
///   better than SHA-1. A body that is no JSON object or array is refused
///   ([`BodyMismatch`](crate::RejectionKind::BodyMismatch)), so that nothing can be moved between it
///   and the URL.
/// - **URL**: give it with [`exact_url`](crate::VerifierBuilder::exact_url), or with
///   [`public_url`](crate::VerifierBuilder::public_url) if several share the endpoint.
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: `action.id` and `action.type` of the body, both signed. The id is the replay key:
///   two webhooks that see one action send it twice with the same id, so give each its own
///   endpoint.
/// - **Identity**: the signed id, which names one event over all its retries: by [its
///   documentation](https://developer.atlassian.com/cloud/trello/guides/rest-api/webhooks/).
/// - **Secret**: the app's *Secret* beside its API key, in the Power-Up admin portal; not a token.
/// - **Setup**: an unsigned `HEAD` to the callback URL, before a webhook is created, is answered 200.
/// - **Retries**: how long is unconfirmed.
pub static TRELLO: Provider = Provider::new("trello")
    .title("Trello")
    .docs("https://developer.atlassian.com/cloud/trello/guides/rest-api/webhooks/")
    .signature(Hmac(Sha1), header("x-trello-webhook").base64())
    .never_secrets(&[Mistake::new(
        "ATTA",
        "this is an API token: paste the app's secret, which stands beside its API key",
    )])
    .signs(&[Body, Url])
    .event_id(&[json("/action/id")])
    .event_type(&[json("/action/type")])
    .handshakes(&[Handshake::unsigned_head()])
    .identity_source("https://developer.atlassian.com/cloud/trello/guides/rest-api/webhooks/");
