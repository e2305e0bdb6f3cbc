use crate::provider::{Algorithm::Hmac, Hash::Sha256, Part::Body, Provider, header, json};

/// [Grafana Alerting](https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/),
/// without a timestamp header. With one it signs otherwise: see
/// [`GRAFANA_TIMESTAMPED`](super::GRAFANA_TIMESTAMPED).
///
/// - **Signed**: the whole body, with HMAC-SHA256 in hex, in `X-Grafana-Alerting-Signature`; for
///   another name of yours use [`rename_header`](crate::VerifierBuilder::rename_header).
/// - **Time**: none is signed. **The replay store is the only protection against replays.** Set a
///   timestamp header in the contact point instead.
/// - **Event**: `status` of the body is the type, signed. No id is named. A reminder of an alert
///   that is still firing may have the same body.
/// - **Identity**: a digest of what is signed, for a minute after it was handled: a delivery only
///   says "look again", by [its
///   documentation](https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/).
/// - **Secret**: what you typed as *HMAC secret* of the contact point; any text. Off by default.
/// - The scheme rests on Grafana's source and its tests.
pub static GRAFANA: Provider = Provider::new("grafana")
    .title("Grafana Alerting")
    .docs("https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/")
    .signature(Hmac(Sha256), header("x-grafana-alerting-signature").hex())
    .signs(&[Body])
    .event_type(&[json("/status")])
    .looks_again()
    .identity_source("https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/");
