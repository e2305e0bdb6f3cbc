use crate::handshake::Handshake;
use crate::provider::{
    Algorithm::Hmac, Hash::Sha256, Mistake, Part::Body, Provider, header, query,
};

/// [Dropbox](https://www.dropbox.com/developers/reference/webhooks).
///
/// - **Signed**: the whole body, with HMAC-SHA256 in hex, in `X-Dropbox-Signature`.
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: none is named; a delivery lists the accounts in which something changed, so that
///   two changes of one account have **the same body**. Look for changes once more after a minute:
///   one within it may be taken for a repetition. A replay only makes you ask Dropbox for what is
///   new.
/// - **Identity**: a digest of what is signed, for a minute after it was handled: a delivery only
///   says "look again", by [its
///   documentation](https://www.dropbox.com/developers/reference/webhooks).
/// - **Secret**: the *App secret* in the App Console.
/// - **Setup**: `GET ?challenge=…`, unsigned; answered with the challenge as plain text.
/// - **Answer**: 2xx within 10 s (unconfirmed).
/// - By several libraries that agree; Dropbox's page itself was not at hand.
pub static DROPBOX: Provider = Provider::new("dropbox")
    .title("Dropbox")
    .docs("https://www.dropbox.com/developers/reference/webhooks")
    .signature(Hmac(Sha256), header("x-dropbox-signature").hex())
    .never_secrets(&[Mistake::new("sl.", "this is an access token: paste the *App secret*")])
    .signs(&[Body])
    .handshakes(&[Handshake::unsigned_get().echoes(query("challenge"))])
    .looks_again()
    .identity_source("https://www.dropbox.com/developers/reference/webhooks");
