//! The tables of providers in `README.md` and in the crate's docs are what `providers::ALL` says.
//!
//! `UPDATE_README=1 cargo test --test readme` writes them anew.

use std::path::Path;

use tower_webhooks::provider::{Algorithm, Hash, Identity};
use tower_webhooks::testing::{Fixture, Signer};
use tower_webhooks::{Assurance, Provider, providers};

#[test]
fn the_readme_lists_every_provider() {
    let name = |provider: &Provider| {
        format!("[{}]({})<br>`{}`", provider.display_name(), provider.docs_url(), provider.name())
    };
    check("README.md", "providers", &table(name), "");
}

#[test]
fn the_crate_docs_list_every_provider() {
    let name = |provider: &Provider| {
        let item = provider.name().to_uppercase().replace('-', "_");
        format!("[{}](providers::{item})", provider.display_name())
    };
    check("src/lib.rs", "providers", &table(name), "//! ");
}

#[test]
fn how_long_to_remember_is_said_for_every_provider() {
    check("OPERATIONS.md", "retention", &retentions(), "");
}

#[test]
fn every_feature_is_explained() {
    let manifest = read("Cargo.toml");
    let (_, rest) = manifest.split_once("[features]\n").unwrap();
    let (features, _) = rest.split_once("\n\n").unwrap();
    let names = features.lines().filter_map(|line| line.split_once(" = ")).map(|(name, _)| name);
    for name in names.filter(|name| *name != "default") {
        for file in ["README.md", "src/lib.rs"] {
            assert!(read(file).contains(&format!("| `{name}`")), "{file} says nothing of {name}");
        }
    }
}

fn read(file: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

/// Compares the lines between the markers of this name, or writes them.
fn check(file: &str, name: &str, table: &str, margin: &str) {
    let (begin, end) = (format!("<!-- {name}: begin -->\n"), format!("<!-- {name}: end -->"));
    let text = read(file);
    let (head, rest) = text.split_once(&begin).expect("a begin marker");
    let (_, tail) = rest.split_once(&end).expect("an end marker");
    let table: String = table.lines().map(|line| format!("{margin}{line}\n")).collect();
    let wanted = format!("{head}{begin}{table}{margin}{end}{tail}");
    if std::env::var_os("UPDATE_README").is_some() {
        std::fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join(file), wanted).unwrap();
    } else {
        assert!(text == wanted, "{file} is behind: UPDATE_README=1 cargo test --test readme");
    }
}

fn table(name: impl Fn(&Provider) -> String) -> String {
    let mut table = String::from(
        "| sender | signature | signed | time signed | an event is named by | a verifier needs |\n\
         | --- | --- | --- | --- | --- | --- |\n",
    );
    for provider in providers::ALL {
        let yes = |signed| if signed { "yes" } else { "**no**" };
        let cells = [
            name(provider),
            provider.algorithms().map(algorithm).collect::<Vec<_>>().join(", "),
            signed(provider).to_owned(),
            yes(provider.signs_time()).to_owned(),
            identity(provider),
            needs(provider).join(", "),
        ];
        table.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    table
}

/// What each sender's docs say of its retries, and what the layer makes of it.
fn retentions() -> String {
    let sources: Vec<_> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/providers"))
        .unwrap()
        .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
        .collect();
    let mut table = String::from(
        "| sender | its retries | time signed | remembered |\n| --- | --- | --- | --- |\n",
    );
    for provider in providers::ALL {
        let item = format!("pub static {}: ", provider.name().to_uppercase().replace('-', "_"));
        let docs = sources.iter().find_map(|source| source.split_once(&item));
        let (docs, _) = docs.expect("every provider is a static of its name");
        let time = if provider.signs_time() { "yes" } else { "**no**" };
        table.push_str(&format!(
            "| {} | {} | {time} | {} |\n",
            provider.display_name(),
            retries(docs),
            span(provider.usual_retention().as_secs()),
        ));
    }
    table
}

/// The sentence about retries in the doc comment before a static.
fn retries(docs: &str) -> String {
    let text: String = docs
        .lines()
        .rev()
        .skip_while(|line| !line.starts_with("///"))
        .take_while(|line| line.starts_with("///"))
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
        .map(|line| match line.trim_start_matches('/').trim() {
            "" => "\n".to_owned(),
            item if item.starts_with("- ") => format!("\n{item}"),
            text => format!(" {text}"),
        })
        .collect();
    let said = text.lines().find_map(|item| item.split_once("**Retries**: "));
    let sentence = said.and_then(|(_, said)| said.trim_end_matches('.').split(". ").next());
    sentence.unwrap_or("its docs do not say").to_owned()
}

fn span(seconds: u64) -> String {
    match seconds {
        60..3_600 => format!("{} min", seconds / 60),
        3_600..86_400 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

fn algorithm(algorithm: Algorithm) -> String {
    match algorithm {
        Algorithm::Hmac(hash) => format!("HMAC-{}", hash_name(hash)),
        Algorithm::Digest(hash) => format!("**plain {}**", hash_name(hash)),
        Algorithm::Token => "**token**".to_owned(),
        Algorithm::Ed25519 => "Ed25519".to_owned(),
        other => panic!("give {other:?} a name"),
    }
}

fn hash_name(hash: Hash) -> &'static str {
    match hash {
        Hash::Md5 => "MD5",
        Hash::Sha1 => "SHA1",
        Hash::Sha256 => "SHA256",
        Hash::Sha384 => "SHA384",
        Hash::Sha512 => "SHA512",
        other => panic!("give {other:?} a name"),
    }
}

/// What an event proves, found out with one.
fn signed(provider: &Provider) -> &'static str {
    match event(provider).to_event().assurance() {
        Assurance::WholeBody => "the whole",
        Assurance::PartOfBody => "**part**",
        Assurance::SenderOnly => "**nothing**",
        other => panic!("give {other:?} a name"),
    }
}

/// Of the kind that the sender usually sends.
fn event(provider: &Provider) -> Fixture {
    let signer = Signer::demo(provider).unwrap();
    match provider.name() {
        "twilio" => signer.form([("Body", "hello")]),
        _ => signer.event(r#"{"id":"1"}"#),
    }
}

fn identity(provider: &Provider) -> String {
    let kind = match provider.identity() {
        Identity::SignedId => "a signed id",
        Identity::Digest => "what is signed",
        Identity::DigestWithDelivery => "what is signed, and an unsigned id",
        Identity::ShortDigest => "what is signed, for a minute",
        other => panic!("give {other:?} a name"),
    };
    let doubt = if provider.confirmed_identity().is_some() { "" } else { " (unconfirmed)" };
    format!("{kind}{doubt}")
}

fn needs(provider: &Provider) -> Vec<&'static str> {
    let ed25519 = provider.algorithms().all(|each| each == Algorithm::Ed25519);
    [
        (true, if ed25519 { "public key" } else { "secret" }),
        (ed25519, "feature `ed25519`"),
        (provider.needs_public_url(), "public URL"),
        (provider.needs_verify_token(), "verify token"),
    ]
    .into_iter()
    .filter_map(|(needed, what)| needed.then_some(what))
    .collect()
}
