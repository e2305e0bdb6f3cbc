use crate::handshake::Handshake;
use crate::provider::{
    Algorithm::Hmac,
    Hash::{Sha1, Sha256},
    Mistake,
    Part::Body,
    Provider, header, json,
};

/// [Intercom](https://developers.intercom.com/docs/webhooks/setting-up-webhooks).
///
/// - **Signed**: the whole body, with HMAC-**SHA1** in hex behind `sha1=`, in `X-Hub-Signature`
///   (by peers and a gist of Intercom's staff, which agree; unconfirmed in Intercom's own pages).
///   Uninstall and health-check requests come with HMAC-SHA256 in hex in `X-Body-Signature` instead
///   (by peers). Neither header is needed where the other is right.
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: `id` (`notif_…`) and `topic` of the body, both signed. The id is the replay key.
/// - **Identity**: the signed id. That it names one event over all its retries is unconfirmed.
/// - **Secret**: the app's *Client secret* under Basic information. An access token is refused.
/// - **Setup**: a `HEAD` without a signature is answered 200. The `ping` that follows is an ordinary
///   signed event.
/// - **Answer**: 200, within 5 s (unconfirmed).
pub static INTERCOM: Provider = Provider::new("intercom")
    .title("Intercom")
    .docs("https://developers.intercom.com/docs/webhooks/setting-up-webhooks")
    .signature(Hmac(Sha1), header("x-hub-signature").prefix("sha1=").hex())
    .signature(Hmac(Sha256), header("x-body-signature").hex())
    .never_secrets(&[Mistake::new(
        "dG9rO",
        "this is an access token: paste the app's *Client secret*, from Basic information",
    )])
    .signs(&[Body])
    .event_id(&[json("/id")])
    .event_type(&[json("/topic")])
    .handshakes(&[Handshake::unsigned_head()]);
