use crate::provider::{Algorithm::Hmac, Hash::Sha256, Mistake, Part::Body, Provider, header, json};

/// [npm hooks](https://docs.npmjs.com/cli/v10/commands/npm-hook), whose end npm has announced.
///
/// - **Signed**: the whole body, with HMAC-SHA256 in hex behind `sha256=`, in `X-Npm-Signature` (by
///   npm's own receiver).
/// - **Time**: none is signed as such (`time` of the body says when the event happened). **The
///   replay store is the only protection against replays.**
/// - **Event**: no id; `event` of the body, signed. The replay key is a digest of the body.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: what you gave to `npm hook add`; any text. An access token (`npm_…`) is refused.
pub static NPM_HOOKS: Provider = Provider::new("npm-hooks")
    .title("npm hooks")
    .aliases(&["npm"])
    .docs("https://docs.npmjs.com/cli/v10/commands/npm-hook")
    .signature(Hmac(Sha256), header("x-npm-signature").prefix("sha256=").hex())
    .never_secrets(&[Mistake::new(
        "npm_",
        "this is an access token: paste the secret that you gave to `npm hook add`",
    )])
    .signs(&[Body])
    .event_type(&[json("/event")]);
