use crate::provider::{
    Algorithm::Hmac,
    Hash::Sha256,
    Part::{Body, Text, Timestamp},
    Provider, Tolerance, header, json,
};

/// [Grafana Alerting](https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/),
/// with a timestamp header. Without one it signs otherwise: see [`GRAFANA`](super::GRAFANA).
///
/// - **Signed**: the time, a colon and the whole body, with HMAC-SHA256 in hex, in
///   `X-Grafana-Alerting-Signature`.
/// - **Time**: in the header that you named in the contact point, signed. It is called
///   `X-Grafana-Alerting-Timestamp` here; for another name, of this header or the other, use
///   [`rename_header`](crate::VerifierBuilder::rename_header). The window is yours to choose; 300 s
///   to both sides here.
/// - **Event**: `status` of the body is the type, signed. No id is named. A reminder of an alert
///   that is still firing may have the same body.
/// - **Identity**: a digest of what is signed, for a minute after it was handled: a delivery only
///   says "look again", by [its
///   documentation](https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/).
/// - **Secret**: what you typed as *HMAC secret* of the contact point; any text. Off by default.
/// - The scheme rests on Grafana's source and its tests.
pub static GRAFANA_TIMESTAMPED: Provider = Provider::new("grafana-timestamped")
    .title("Grafana Alerting (with a timestamp)")
    .docs("https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/")
    .signature(Hmac(Sha256), header("x-grafana-alerting-signature").hex())
    .timestamp(header("x-grafana-alerting-timestamp").seconds(), Tolerance::secs(300))
    .signs(&[Timestamp, Text(":"), Body])
    .event_type(&[json("/status")])
    .looks_again()
    .identity_source("https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/");
