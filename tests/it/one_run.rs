//! Sign, change anything, the URL too: it is refused, or is the same event. Through the layer, with
//! two endpoints, and with two tenants, that share one key and one store.
#![cfg(all(feature = "tokio", feature = "testing"))]

use crate::support::layer::{Handler, clock, deliver};
use crate::support::random::Random;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::request::Parts;
use http::{Method, Request, Uri};
use http_body_util::Full;
use tower_webhooks::provider::{
    Algorithm::Hmac,
    Hash::Sha256,
    Part::{Body, Text, Url, Value},
    header,
};
use tower_webhooks::providers;
use tower_webhooks::store::MemoryStore;
use tower_webhooks::testing::Signer;
use tower_webhooks::{Assurance, KeySource, KeySourceError, Keys, Provider, WebhookLayer};

const FORM: &str = "application/x-www-form-urlencoded";

/// URL and body with a point between, which either may hold.
static POINTED: Provider = Provider::new("pointed")
    .signature(Hmac(Sha256), header("x-signature").hex())
    .signs(&[Url, Text("."), Body]);

/// A value behind the body, where the border is the last one.
static BEHIND: Provider = Provider::new("behind")
    .signature(Hmac(Sha256), header("x-signature").hex())
    .signs(&[Body, Text(".."), Value(header("x-nonce"))]);

/// Tenants by path, all with one key.
#[derive(Debug)]
struct Tenants {
    provider: &'static Provider,
    secret: String,
}

impl KeySource for Tenants {
    async fn keys(&self, head: &Parts) -> Result<Option<Keys>, KeySourceError> {
        let keys = self.provider.keys(self.secret.clone()).map_err(KeySourceError::new)?;
        Ok(Some(keys.principal(head.uri.path())))
    }
}

/// One sender's layers, over one store.
struct World {
    signer: Signer,
    store: MemoryStore,
    by_tenant: bool,
}

impl World {
    /// Each path is an endpoint or a tenant of its own.
    fn layer(&self, path: &str) -> WebhookLayer {
        let provider = *self.signer.provider();
        let (name, builder) = if self.by_tenant {
            let secret = self.signer.verifying_secret().to_owned();
            let provider: &'static Provider = Box::leak(Box::new(provider));
            ("tenants", provider.verifier_with(Tenants { provider, secret }))
        } else {
            (path, provider.verifier(self.signer.verifying_secret()))
        };
        let mut builder = builder.strict_identity();
        if provider.needs_public_url() {
            builder = builder.public_url("https://example.com");
        }
        if provider.needs_verify_token() {
            builder = builder.verify_token(Signer::VERIFY_TOKEN);
        }
        let builder = WebhookLayer::builder(name.to_owned(), builder.build().unwrap());
        builder.clock(clock()).store(self.store.clone()).build().unwrap()
    }
}

/// What a stranger changes.
fn change(
    random: &mut Random,
    captured: &Request<Bytes>,
    signs_url: bool,
) -> Option<Request<Bytes>> {
    let (mut head, body) = captured.clone().into_parts();
    let mut uri = head.uri.to_string();
    let mut body = body.to_vec();
    for _ in 0..=random.below(2) {
        match random.below(if signs_url { 12 } else { 6 }) {
            // Bits.
            0 => flip(random, &mut body),
            1 => {
                let mut bytes = uri.clone().into_bytes();
                flip(random, &mut bytes);
                uri = String::from_utf8(bytes).ok()?;
            }
            2 => uri.push_str(["?", "&x=1", "?x=1", "/", "#a", "+", "%20"][random.index(7)]),
            3 => head.method = [Method::GET, Method::PUT, Method::POST][random.index(3)].clone(),
            4 => {
                let types =
                    ["application/json", FORM, "text/plain", "multipart/form-data; boundary=x"];
                let value = HeaderValue::from_static(types[random.index(4)]);
                head.headers.insert(CONTENT_TYPE, value);
            }
            5 => {
                let names: Vec<HeaderName> = head.headers.keys().cloned().collect();
                let name = names[random.index(names.len())].clone();
                let mut value = head.headers[&name].as_bytes().to_vec();
                flip(random, &mut value);
                head.headers.insert(name, HeaderValue::from_bytes(&value).ok()?);
            }
            // The end of the URL goes into the body, as it is or as a parameter.
            6 | 7 => {
                let at = uri.len().checked_sub(random.index(12))?;
                let tail = uri.split_off(at);
                let front = match random.below(5) {
                    0 => tail,
                    1 => format!("{tail}=&"),
                    2 => format!("={tail}&"),
                    3 => format!("{}=&", tail.replace('?', "%3F").replace('=', "%3D")),
                    _ => format!("{}={}&", tail.get(..1)?, tail.get(1..)?),
                };
                body.splice(0..0, front.into_bytes());
            }
            // The beginning of the body, or of what its form says, goes into the URL.
            8 | 9 => {
                let cut = random.index(body.len().min(80) + 1);
                let moved: Vec<u8> = body.drain(..cut).collect();
                let text = String::from_utf8(moved).ok()?;
                let decoded = text.replace(['&', '='], "").replace("%2B", "+");
                uri.push_str(if random.below(2) == 0 { &text } else { &decoded });
            }
            // All of it, and another body under its hash.
            10 => {
                let text = String::from_utf8(std::mem::take(&mut body)).ok()?;
                uri.push_str(&text.replace(['&', '='], ""));
                body = br#"{"evil":1}"#.to_vec();
                head.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            }
            // Other spellings of one form or query.
            _ => {
                uri = uri.replace("%20", "+").replace('\'', "%27");
                let text = String::from_utf8(body.clone()).ok()?;
                body = text.replace("%20", "+").into_bytes();
            }
        }
    }
    head.uri = uri.parse::<Uri>().ok()?;
    Some(Request::from_parts(head, Bytes::from(body)))
}

fn flip(random: &mut Random, bytes: &mut [u8]) {
    if !bytes.is_empty() {
        let at = random.index(bytes.len());
        bytes[at] ^= 1 << random.below(8);
    }
}

/// A delivery with texts in it that read like borders.
fn delivery(random: &mut Random, signer: &Signer, n: u64) -> Request<Bytes> {
    let paths = ["/hooks/tenant-12", "/hooks/ACME", "/hooks/t?tenant=12", "/hooks/t?a=it's%20b"];
    let path = paths[random.index(4)];
    let hash = "0".repeat(64);
    let text = format!("hi{n}&bodySHA256={hash}mandrill_events[] yesFrom+1555");
    let name = signer.provider().name();
    let fixture = if name.starts_with("twilio") && random.below(4) > 0 {
        signer.form([("AccountSid", "AC01"), ("Body", &*text), ("From", "+1500")])
    } else {
        signer.json(serde_json::json!({"id": format!("evt_{n}"), "text": text, "n": n}))
    };
    fixture.header("x-nonce", &format!("n{n}")).uri(path).request()
}

async fn check(by_tenant: bool, seed: u64) {
    let mut random = Random::seeded(seed);
    let (mut changed, mut accepted) = (0, 0);
    let all = providers::ALL.iter().copied().chain([&POINTED, &BEHIND]);
    let subjects = all.filter(|each| cfg!(feature = "ed25519") || each.name() != "discord");
    for provider in subjects {
        let signer = Signer::demo(provider).unwrap();
        // Where nothing is signed, the body is all that names an event.
        let shown = signer.json(serde_json::json!({"n": 1})).to_event();
        if shown.assurance() == Assurance::SenderOnly {
            continue;
        }
        let signs_url = provider.needs_public_url();
        let world =
            World { signer, store: MemoryStore::builder().clock(clock()).build(), by_tenant };
        for n in 0..if signs_url { 12 } else { 3 } {
            let captured = delivery(&mut random, &world.signer, n);
            let handler = Handler::ok();
            let path = captured.uri().path().to_owned();
            let home = world.layer(&path);
            let first = deliver(&home, &handler, captured.clone().map(Full::new)).await;
            assert_eq!((first.status(), handler.runs()), (200, 1), "{} {first:?}", provider.name());
            for _ in 0..if signs_url { 80 } else { 30 } {
                let Some(request) = change(&mut random, &captured, signs_url) else { continue };
                // What does not sign its URL is tried at its own endpoint: it runs at others.
                let there = request.uri().path().to_owned();
                let layer =
                    if there == path || !signs_url { home.clone() } else { world.layer(&there) };
                let request = if signs_url {
                    request
                } else {
                    let mut request = request;
                    *request.uri_mut() = captured.uri().clone();
                    request
                };
                let answer = deliver(&layer, &handler, request.clone().map(Full::new)).await;
                let said = (provider.name(), answer.kind());
                assert_eq!(handler.runs(), 1, "{said:?}\n{captured:?}\n{request:?}");
                changed += 1;
                accepted += u32::from(answer.status() == 200);
            }
        }
    }
    println!("{changed} changed requests, of which {accepted} were the same event");
    assert!(changed > 8_000 && accepted > 100, "{changed} {accepted}");
}

#[tokio::test(start_paused = true)]
async fn a_changed_request_runs_at_no_endpoint() {
    check(false, 1).await;
}

#[tokio::test(start_paused = true)]
async fn a_changed_request_runs_for_no_tenant() {
    check(true, 2).await;
}
