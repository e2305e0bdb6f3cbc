use std::time::Duration;

use super::twilio::TwilioRequest;
use crate::handshake::Mark;
use crate::provider::{Acknowledgement, Algorithm::Hmac, Hash::Sha256, Provider, header};

/// [Twilio with a SharedKey](https://www.twilio.com/docs/usage/webhooks/webhook-shared-keys), in
/// public beta. With the auth token: [`TWILIO`](super::TWILIO).
///
/// - **Signed**: what [`TWILIO`](super::TWILIO) signs, as little bordered
///   ([`Event::assurance`](crate::Event::assurance)), but with HMAC-SHA256, in
///   `X-Twilio-Signature`.
/// - **Algorithm**: `X-Twilio-Webhooks-Signature-Settings` must name `algorithm=HMAC_SHA256`. That
///   header is not signed, so it never chooses: without it, or with another algorithm, a request
///   is refused. Its `key=` is not looked at; every secret given is tried.
/// - **URL**: as for [`TWILIO`](super::TWILIO), with
///   [`public_url`](crate::VerifierBuilder::public_url) or
///   [`exact_url`](crate::VerifierBuilder::exact_url).
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: none is named.
/// - **Identity**: a digest of the signed content, for 5 s after it was handled, as at
///   [`TWILIO`](super::TWILIO).
/// - **Secret**: the SharedKey's secret, not its id and not the auth token.
/// - **Answer**: TwiML or any 2xx, within 15 s (unconfirmed).
/// - **Acknowledgement**: what the layer answers itself is TwiML that does nothing. A call whose form
///   comes again within the time that it is remembered ends by it.
pub static TWILIO_SHARED_KEY: Provider = Provider::new("twilio-shared-key")
    .title("Twilio (SharedKey)")
    .docs("https://www.twilio.com/docs/usage/webhooks/webhook-shared-keys")
    .signature(Hmac(Sha256), header("x-twilio-signature").base64())
    .requires(&[Mark::Lists(
        header("x-twilio-webhooks-signature-settings"),
        "algorithm=HMAC_SHA256",
    )])
    .read_by(&TwilioRequest)
    .methods(&["POST", "GET"])
    .looks_again()
    .retention(Duration::from_secs(5))
    .acknowledges(Acknowledgement::of_type("text/xml", "<Response/>"));
