use crate::provider::{Algorithm::Hmac, Hash::Sha512, Part::Body, Provider, header, json};

/// [HCP Terraform](https://developer.hashicorp.com/terraform/cloud-docs/api-docs/notification-configurations),
/// formerly Terraform Cloud, and Terraform Enterprise: notifications.
///
/// - **Signed**: the whole body, with HMAC-SHA512 in hex, in `X-TFE-Notification-Signature`. Run
///   tasks sign alike in `X-TFC-Task-Signature` (unconfirmed): read it with
///   [`rename_header`](crate::VerifierBuilder::rename_header).
/// - **Time**: none is signed as such. **The replay store is the only protection against replays.**
/// - **Event**: no id; `trigger` of the body's first notification (`run:errored`), signed. The
///   replay key is a digest of the body.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the *token* of the notification configuration; any text. Without one nothing is
///   signed, and deliveries are refused.
/// - **Setup**: a verification when the configuration is made or enabled, an ordinary signed event of
///   type `verification`: answer 2xx.
/// - **Retries**: none.
pub static TERRAFORM_CLOUD: Provider = Provider::new("terraform-cloud")
    .title("HCP Terraform")
    .aliases(&["hcp-terraform"])
    .docs(
        "https://developer.hashicorp.com/terraform/cloud-docs/api-docs/notification-configurations",
    )
    .signature(Hmac(Sha512), header("x-tfe-notification-signature").hex())
    .signs(&[Body])
    .event_type(&[json("/notifications/0/trigger")]);
