use crate::handshake::{Challenge, Handshake, Mark};
use crate::provider::{Algorithm::Hmac, Hash::Sha256, Part::Body, Provider, header};

const SECRET: Challenge = Challenge::new(
    header("x-hook-secret"),
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
    16,
    256,
);

/// [Asana](https://developers.asana.com/docs/webhooks-guide).
///
/// - **Signed**: the whole body, with HMAC-SHA256 in hex, in `X-Hook-Signature`.
/// - **Time**: none is signed. **The replay store is the only protection against replays**; Asana
///   tries for 24 h.
/// - **Event**: none is named; a delivery is a batch, `events[]`. The replay key is a digest of the
///   body. Heartbeats, `{"events": []}`, are all alike: they are remembered for a minute only (that
///   they are signed like any delivery is unconfirmed).
/// - **Identity**: a digest of what is signed. That no two batches sign the same is unconfirmed; a
///   heartbeat is remembered for a minute after it was handled, by [its
///   documentation](https://developers.asana.com/docs/webhooks-guide).
/// - **Secret**: the `X-Hook-Secret` that came when the webhook was created; one a webhook. It
///   looks like hex and is not decoded.
/// - **Setup**: while you create a webhook, Asana posts an unsigned request with `X-Hook-Secret`. It
///   is answered with the same header while a registration is pending
///   ([`Registrations`](crate::handshake::Registrations)), and refused as unsigned at any other
///   time: a stranger could plant a secret.
/// - **Answer**: 2xx within 10 s.
/// - **Statuses**: a 410 deletes the webhook (unconfirmed).
pub static ASANA: Provider = Provider::new("asana")
    .title("Asana")
    .docs("https://developers.asana.com/docs/webhooks-guide")
    .signature(Hmac(Sha256), header("x-hook-signature").hex())
    .signs(&[Body])
    .looks_again_when_empty("/events")
    .gives_up_after(&[410])
    .requires(&[Mark::Absent(header("x-hook-secret"))])
    .handshakes(&[Handshake::unsigned_post(&[Mark::Present(header("x-hook-secret"))])
        .learns(SECRET)
        .echoes_header("x-hook-secret", header("x-hook-secret"))]);
