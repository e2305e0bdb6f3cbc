use crate::provider::{
    Algorithm::Digest,
    Hash::{self, Sha1},
    Part::{Body, Secret, Timestamp},
    Place, Provider, Tolerance, header, json,
};

/// [Cloudinary](https://cloudinary.com/documentation/notification_signatures): accounts whose
/// signatures are SHA-1, the default. [`CLOUDINARY_SHA256`](super::CLOUDINARY_SHA256) is for
/// accounts that were switched to SHA-256; neither takes the other's signature.
///
/// - **Signed**: the whole body, the time and the API secret, hashed one after the other with plain
///   SHA-1 in hex, in `X-Cld-Signature`. This is no HMAC. With the secret behind it cannot be
///   extended, but it is only as good as SHA-1's resistance to collisions, which is broken: ask
///   Cloudinary for SHA-256.
/// - **Time**: `X-Cld-Timestamp`, signed; two hours, as Cloudinary's SDK has it; here to both
///   sides.
/// - **Event**: none is named. `notification_type` of the body is the type, signed. The replay key
///   is a digest of the body.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the account's *API secret* (Settings, API Keys), as text. It also opens the
///   account's API.
/// - **Retries**: three, over some minutes (unconfirmed).
pub static CLOUDINARY: Provider = cloudinary("cloudinary", "Cloudinary", Sha1);

const TYPE: &[Place] = &[json("/notification_type")];

pub(super) const fn cloudinary(name: &'static str, title: &'static str, hash: Hash) -> Provider {
    Provider::new(name)
        .title(title)
        .docs("https://cloudinary.com/documentation/notification_signatures")
        .signature(Digest(hash), header("x-cld-signature").hex())
        .timestamp(header("x-cld-timestamp").seconds(), Tolerance::secs(7200))
        .signs(&[Body, Timestamp, Secret])
        .event_type(TYPE)
}
