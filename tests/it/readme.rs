//! `PROVIDERS.md` is what `providers::ALL` says, and no document has lines that only rustdoc hides.
//!
//! `UPDATE_PROVIDERS=1 cargo test --test it readme` writes the tables anew. `scripts/documents`
//! compiles the blocks of the documents.

use std::path::Path;

use tower_webhooks::config::Config;
use tower_webhooks::provider::{Algorithm, Hash, Identity};
use tower_webhooks::testing::{Fixture, Signer};
use tower_webhooks::{Assurance, Provider, providers};

#[test]
fn every_provider_has_a_line() {
    check("providers", &table());
}

#[test]
fn how_long_to_remember_is_said_for_every_provider() {
    check("retention", &retentions());
}

#[test]
fn the_readme_counts_the_providers() {
    let count = format!("[{} senders](PROVIDERS.md)", providers::ALL.len());
    assert!(read("README.md").contains(&count), "README.md does not say {count}");
}

/// GitHub and the package page show them.
#[test]
fn no_document_has_lines_that_only_rustdoc_hides() {
    for file in ["README.md", "OPERATIONS.md", "PROVIDERS.md"] {
        for (language, block) in blocks(&read(file)) {
            let hidden = block.lines().find(|line| *line == "#" || line.starts_with("# "));
            assert!(
                !language.starts_with("rust") || hidden.is_none(),
                "{file} shows its readers {hidden:?}"
            );
        }
    }
}

#[test]
fn configuration_files_in_the_documents_are_valid() {
    let mut seen = 0;
    for file in ["README.md", "OPERATIONS.md"] {
        for (_, block) in blocks(&read(file)).iter().filter(|(_, b)| b.contains("[[endpoint]]")) {
            let config = Config::from_toml(block).unwrap();
            config
                .endpoints_with(|_| Some("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".into()))
                .unwrap();
            seen += 1;
        }
    }
    assert!(seen > 0, "no configuration file is shown");
}

/// Language and text of each fenced block, without its indentation.
fn blocks(text: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(language) = line.trim_start().strip_prefix("```") else { continue };
        let block: Vec<_> = lines
            .by_ref()
            .map(str::trim_start)
            .take_while(|line| !line.starts_with("```"))
            .collect();
        blocks.push((language.to_owned(), block.join("\n")));
    }
    blocks
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
fn check(name: &str, table: &str) {
    let (begin, end) = (format!("<!-- {name}: begin -->\n"), format!("<!-- {name}: end -->"));
    let text = read("PROVIDERS.md");
    let (head, rest) = text.split_once(&begin).expect("a begin marker");
    let (_, tail) = rest.split_once(&end).expect("an end marker");
    let wanted = format!("{head}{begin}{table}{end}{tail}");
    if std::env::var_os("UPDATE_PROVIDERS").is_some() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("PROVIDERS.md");
        std::fs::write(file, wanted).unwrap();
    } else {
        assert!(
            text == wanted,
            "PROVIDERS.md is behind: UPDATE_PROVIDERS=1 cargo test --test it readme"
        );
    }
}

fn table() -> String {
    let mut table = String::from(
        "| sender | signature | signed | time signed | an event is named by | a verifier needs |\n\
         | --- | --- | --- | --- | --- | --- |\n",
    );
    for provider in providers::ALL {
        let yes = |signed| if signed { "yes" } else { "**no**" };
        let cells = [
            format!(
                "[{}]({})<br>`{}`",
                provider.display_name(),
                provider.docs_url(),
                provider.name()
            ),
            algorithms(provider).join(", "),
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
        0..60 => format!("{seconds} s"),
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
        "twilio" | "mattermost" => signer.form([("Body", "hello")]),
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

/// Each once, though several ways of signing may share one.
fn algorithms(provider: &Provider) -> Vec<String> {
    let mut all: Vec<_> = provider.algorithms().map(algorithm).collect();
    all.dedup();
    all
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
