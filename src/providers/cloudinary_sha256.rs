use super::cloudinary::cloudinary;
use crate::provider::{Hash::Sha256, Provider};

/// [Cloudinary](https://cloudinary.com/documentation/notification_signatures): accounts whose
/// signatures were switched to SHA-256.
///
/// All else is as at [`CLOUDINARY`](super::CLOUDINARY).
pub static CLOUDINARY_SHA256: Provider =
    cloudinary("cloudinary-sha256", "Cloudinary (SHA-256)", Sha256);
