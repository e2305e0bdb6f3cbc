use crate::provider::{
    Algorithm::Hmac,
    Hash::{self, Sha256, Sha512},
    Part::{Body, Text, Timestamp},
    Provider, SignaturePlace, Tolerance, entry, header,
};

/// [Convoy](https://www.getconvoy.io/docs/product-manual/signatures): simple signatures, SHA-256 in
/// hex, which is what a project has by default.
///
/// Hash, encoding and kind of signature are set on the project; pick the provider for what is set:
///
/// | | SHA-256, hex | SHA-256, base64 | SHA-512, hex | SHA-512, base64 |
/// | --- | --- | --- | --- | --- |
/// | simple | `CONVOY` | [`CONVOY_BASE64`] | [`CONVOY_SHA512`] | [`CONVOY_SHA512_BASE64`] |
/// | advanced | [`CONVOY_ADVANCED`] | [`CONVOY_ADVANCED_BASE64`] | [`CONVOY_ADVANCED_SHA512`] | [`CONVOY_ADVANCED_SHA512_BASE64`] |
///
/// - **Signed**: the whole body, with HMAC, in `X-Convoy-Signature`. A project may have chosen
///   another header: [`rename_header`](crate::VerifierBuilder::rename_header).
/// - **Time**: none is signed. **The replay store is the only protection against replays.** The
///   advanced kind signs one: ask for it.
/// - **Event**: neither id nor type: the payload is that of whoever sends through Convoy. The
///   replay key is a digest of the body.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the endpoint's secret, as text.
/// - **Retries**: as the project says.
pub static CONVOY: Provider = simple("convoy", "Convoy", Sha256, SIGNATURE.hex());

/// [Convoy](https://www.getconvoy.io/docs/product-manual/signatures): simple signatures, SHA-256 in
/// base64. All else is as at [`CONVOY`].
pub static CONVOY_BASE64: Provider =
    simple("convoy-base64", "Convoy (SHA-256, base64)", Sha256, SIGNATURE.base64());

/// [Convoy](https://www.getconvoy.io/docs/product-manual/signatures): simple signatures, SHA-512 in
/// hex. All else is as at [`CONVOY`].
pub static CONVOY_SHA512: Provider =
    simple("convoy-sha512", "Convoy (SHA-512, hex)", Sha512, SIGNATURE.hex());

/// [Convoy](https://www.getconvoy.io/docs/product-manual/signatures): simple signatures, SHA-512 in
/// base64. All else is as at [`CONVOY`].
pub static CONVOY_SHA512_BASE64: Provider =
    simple("convoy-sha512-base64", "Convoy (SHA-512, base64)", Sha512, SIGNATURE.base64());

/// [Convoy](https://www.getconvoy.io/docs/product-manual/signatures): advanced signatures, SHA-256
/// in hex.
///
/// - **Signed**: the time `t`, a comma and the whole body, with HMAC, as the `v1` entries of
///   `X-Convoy-Signature`: one for each active secret; one match is enough. A project that has had
///   several settings sends the newer ones as `v2`; those are read as well.
/// - **Time**: `t`, signed; 300 s, as in Convoy's clients; here to both sides.
/// - All else is as at [`CONVOY`].
pub static CONVOY_ADVANCED: Provider =
    advanced("convoy-advanced", "Convoy (advanced, SHA-256, hex)", Sha256, V1.hex(), V2.hex());

/// [Convoy](https://www.getconvoy.io/docs/product-manual/signatures): advanced signatures, SHA-256
/// in base64. All else is as at [`CONVOY_ADVANCED`].
pub static CONVOY_ADVANCED_BASE64: Provider = advanced(
    "convoy-advanced-base64",
    "Convoy (advanced, SHA-256, base64)",
    Sha256,
    V1.base64(),
    V2.base64(),
);

/// [Convoy](https://www.getconvoy.io/docs/product-manual/signatures): advanced signatures, SHA-512
/// in hex. All else is as at [`CONVOY_ADVANCED`].
pub static CONVOY_ADVANCED_SHA512: Provider = advanced(
    "convoy-advanced-sha512",
    "Convoy (advanced, SHA-512, hex)",
    Sha512,
    V1.hex(),
    V2.hex(),
);

/// [Convoy](https://www.getconvoy.io/docs/product-manual/signatures): advanced signatures, SHA-512
/// in base64. All else is as at [`CONVOY_ADVANCED`].
pub static CONVOY_ADVANCED_SHA512_BASE64: Provider = advanced(
    "convoy-advanced-sha512-base64",
    "Convoy (advanced, SHA-512, base64)",
    Sha512,
    V1.base64(),
    V2.base64(),
);

const DOCS: &str = "https://www.getconvoy.io/docs/product-manual/signatures";
const SIGNATURE: SignaturePlace = header("x-convoy-signature").hex();
const V1: SignaturePlace = header("x-convoy-signature").list(",", '=').entry("v1");
const V2: SignaturePlace = header("x-convoy-signature").list(",", '=').entry("v2");

const fn simple(
    name: &'static str,
    title: &'static str,
    hash: Hash,
    place: SignaturePlace,
) -> Provider {
    Provider::new(name).title(title).docs(DOCS).signature(Hmac(hash), place).signs(&[Body])
}

const fn advanced(
    name: &'static str,
    title: &'static str,
    hash: Hash,
    first: SignaturePlace,
    second: SignaturePlace,
) -> Provider {
    Provider::new(name)
        .title(title)
        .docs(DOCS)
        .signature(Hmac(hash), first)
        .signature(Hmac(hash), second)
        .timestamp(entry("t").seconds(), Tolerance::secs(300))
        .signs(&[Timestamp, Text(","), Body])
}
