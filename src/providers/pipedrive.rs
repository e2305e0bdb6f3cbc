use crate::provider::{Algorithm::Token, Mistake, Provider, header, json, json_joined};

/// [Pipedrive](https://pipedrive.readme.io/docs/guide-for-webhooks-v2), webhooks version 2.
///
/// - **Signed**: nothing. `Authorization: Basic` carries user name and password, compared in
///   constant time: they prove who sends, and nothing of what is sent. Who has seen one request can
///   send any other: rely on TLS. Without a user name Pipedrive sends none, and is refused.
/// - **Time**: none. **The replay store is the only protection against replays**, and weeds out
///   repetitions only.
/// - **Event**: `meta.id` (unconfirmed) and the type, `meta.action`, a point and `meta.entity`, as
///   in `create.deal`; all **unsigned**. The replay key is a digest of the body.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: `user:password`, the webhook's *HTTP Auth username* and *password*.
/// - **Retries**: after 3, 30 and 150 s, when there was no 2xx within 10 s.
pub static PIPEDRIVE: Provider = Provider::new("pipedrive")
    .title("Pipedrive")
    .docs("https://pipedrive.readme.io/docs/guide-for-webhooks-v2")
    .signature(Token, header("authorization").scheme("Basic").base64())
    .never_secrets(&[Mistake::new(
        "Basic ",
        "this is the whole header: give the user name, a colon and the password",
    )])
    .signs(&[])
    .event_id(&[json("/meta/id")])
    .event_type(&[json_joined(&["/meta/action", "/meta/entity"], ".")]);
