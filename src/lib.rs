//! A tower [`Layer`](tower_layer::Layer) that verifies incoming webhooks: the service behind it sees
//! only events that were signed by their sender, are fresh, were not handled before, and are parsed.
//!
//! A [`Provider`] says what a sender signs and how; with your secrets it becomes a [`Verifier`]; the
//! [`WebhookLayer`] puts that, and an [`IdempotencyStore`](store::IdempotencyStore) that remembers what
//! was handled, around your service, which gets an [`Event`].
//!
//! # With axum
//!
//! The event is an extractor (feature `axum`). Put the layer around the route of the sender, and try it
//! with a [`Signer`](testing::Signer) (feature `testing`), which signs as the sender does:
//!
//! ```
//! use axum::{Router, body::Body, http::StatusCode, routing::post};
//! use serde::Deserialize;
//! use serde_json::json;
//! use tower_webhooks::testing::{ManualClock, Signer};
//! use tower_webhooks::{Event, WebhookLayer, providers::STRIPE};
//!
//! #[derive(Deserialize)]
//! struct Invoice { id: String }
//!
//! async fn paid(event: Event<Invoice>) -> (StatusCode, String) {
//!     (StatusCode::OK, event.into_payload().id)
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let secret = "whsec_test_secret";
//! let signer = Signer::new(&STRIPE, secret)?;
//!
//! let billing = WebhookLayer::builder("billing", STRIPE.verifier(secret).build()?)
//!     .clock(ManualClock::at(signer.now())) // only a test sets the clock
//!     .build()?;
//! let mut app: Router = Router::new().route("/webhooks/stripe", post(paid).layer(billing));
//!
//! let event = signer.json(json!({"id": "in_1", "type": "invoice.paid"}));
//! let answer = event.clone().send::<_, Body>(&mut app).await?;
//! assert_eq!(answer.status(), StatusCode::OK);
//! let answer = event.clone().with_changed_body().send::<_, Body>(&mut app).await?;
//! assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
//! let answer = event.stale().send::<_, Body>(&mut app).await?;
//! assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
//! # Ok(())
//! # }
//! ```
//!
//! # With hyper
//!
//! [`WebhookLayer::events`] wraps a service that takes events: there is no HTTP in it. What comes out
//! is a `Service<Request<B>>` for any body `B`, as hyper serves it (`examples/hyper.rs` does):
//!
//! ```
//! use std::convert::Infallible;
//! use http::StatusCode;
//! use serde::Deserialize;
//! use serde_json::json;
//! use tower::ServiceBuilder;
//! use tower_webhooks::testing::Signer;
//! use tower_webhooks::{Event, WebhookLayer, providers::GITHUB};
//! # type Body = http_body_util::Full<bytes::Bytes>;
//!
//! #[derive(Deserialize)]
//! struct Push { after: String }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let signer = Signer::new(&GITHUB, "It's a Secret to Everybody")?;
//! let github = WebhookLayer::new("deploy", signer.verifier().build()?);
//! let mut service = ServiceBuilder::new()
//!     .layer(github.events::<Push>().only(["push"])) // others, such as `ping`, are acknowledged
//!     .service_fn(|push: Event<Push>| async move {
//!         assert_eq!(push.payload().after, "c0ffee");
//!         Ok::<_, Infallible>(())
//!     });
//!
//! let push = signer.json(json!({"after": "c0ffee"})).kind("push");
//! let answer = push.clone().send::<_, Body>(&mut service).await?;
//! assert_eq!(answer.status(), StatusCode::OK);
//! let answer = push.signed_by_another_key().send::<_, Body>(&mut service).await?;
//! assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
//! # Ok(())
//! # }
//! ```
//!
//! # Unit-testing a handler
//!
//! A handler is a function of an event, and an event is made by a successful verification only: of a
//! fixture, here. The provider's own secret is not needed.
//!
//! ```
//! use serde::Deserialize;
//! use serde_json::json;
//! use tower_webhooks::{Event, providers::SLACK, testing::Signer};
//!
//! #[derive(Deserialize)]
//! struct Message { text: String }
//!
//! async fn reply(event: Event<Message>) -> String { event.payload().text.to_uppercase() }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let event = Signer::demo(&SLACK)?.json(json!({"text": "hello"})).to_event();
//! assert_eq!(reply(event.parse()?).await, "HELLO");
//! # Ok(())
//! # }
//! ```
//!
//! # Providers
//!
//! A sender that is not here is a [`Provider`] of a few lines. *Signed*: how much of the body.
//!
//! <!-- providers: begin -->
//! | sender | signature | signed | time signed | an event is named by | a verifier needs |
//! | --- | --- | --- | --- | --- | --- |
//! | [Ably](providers::ABLY) | HMAC-SHA256 | the whole | **no** | what is signed (unconfirmed) | secret |
//! | [Adyen](providers::ADYEN) | HMAC-SHA256 | **part** | **no** | what is signed (unconfirmed) | secret |
//! | [Adyen for Platforms](providers::ADYEN_PLATFORM) | HMAC-SHA256 | the whole | **no** | what is signed (unconfirmed) | secret |
//! | [AfterShip Tracking](providers::AFTERSHIP) | HMAC-SHA256 | the whole | **no** | a signed id (unconfirmed) | secret |
//! | [Airtable](providers::AIRTABLE) | HMAC-SHA256 | the whole | **no** | what is signed, for a minute | secret |
//! | [Alchemy](providers::ALCHEMY) | HMAC-SHA256 | the whole | **no** | a signed id (unconfirmed) | secret |
//! | [Anthropic (Claude)](providers::ANTHROPIC) | HMAC-SHA256 | the whole | yes | a signed id | secret |
//! | [Asana](providers::ASANA) | HMAC-SHA256 | the whole | **no** | what is signed (unconfirmed) | secret |
//! | [Auth0 (custom log streams)](providers::AUTH0_LOG_STREAMS) | **token** | **nothing** | **no** | what is signed (unconfirmed) | secret |
//! | [Bitbucket](providers::BITBUCKET) | HMAC-SHA256 | the whole | **no** | what is signed, and an unsigned id (unconfirmed) | secret |
//! | [Box](providers::BOX) | HMAC-SHA256, HMAC-SHA256 | the whole | yes | a signed id (unconfirmed) | secret |
//! | [Braintree](providers::BRAINTREE) | HMAC-SHA1 | **part** | **no** | what is signed (unconfirmed) | secret |
//! | [Buildkite](providers::BUILDKITE) | HMAC-SHA256 | the whole | yes | what is signed (unconfirmed) | secret |
//! | [Buildkite (token)](providers::BUILDKITE_TOKEN) | **token** | **nothing** | **no** | what is signed (unconfirmed) | secret |
//! | [Buy Me a Coffee](providers::BUY_ME_A_COFFEE) | HMAC-SHA256 | the whole | **no** | a signed id (unconfirmed) | secret |
//! | [Calendly](providers::CALENDLY) | HMAC-SHA256 | the whole | yes | what is signed (unconfirmed) | secret |
//! | [Cal.com](providers::CAL_COM) | HMAC-SHA256 | the whole | **no** | what is signed (unconfirmed) | secret |
//! | [Cashfree Payments](providers::CASHFREE) | HMAC-SHA256 | the whole | yes | what is signed (unconfirmed) | secret |
//! | [Chargebee](providers::CHARGEBEE) | **token** | **nothing** | **no** | what is signed (unconfirmed) | secret |
//! | [Checkout.com](providers::CHECKOUT_COM) | HMAC-SHA256 | the whole | **no** | a signed id (unconfirmed) | secret |
//! | [CircleCI](providers::CIRCLECI) | HMAC-SHA256 | the whole | **no** | a signed id | secret |
//! | [Clerk](providers::CLERK) | HMAC-SHA256 | the whole | yes | a signed id | secret |
//! | [ClickUp](providers::CLICKUP) | HMAC-SHA256 | the whole | **no** | what is signed (unconfirmed) | secret |
//! | [Cloudflare Notifications](providers::CLOUDFLARE_NOTIFICATIONS) | **token** | **nothing** | **no** | what is signed (unconfirmed) | secret |
//! | [Cloudflare Stream](providers::CLOUDFLARE_STREAM) | HMAC-SHA256 | the whole | yes | what is signed (unconfirmed) | secret |
//! | [Cloudinary](providers::CLOUDINARY) | **plain SHA1** | the whole | yes | what is signed (unconfirmed) | secret |
//! | [Cloudinary (SHA-256)](providers::CLOUDINARY_SHA256) | **plain SHA256** | the whole | yes | what is signed (unconfirmed) | secret |
//! | [Coinbase Commerce](providers::COINBASE_COMMERCE) | HMAC-SHA256 | the whole | **no** | a signed id (unconfirmed) | secret |
//! | [Contentful](providers::CONTENTFUL) | HMAC-SHA256 | the whole | yes | what is signed (unconfirmed) | secret |
//! | [Convoy](providers::CONVOY) | HMAC-SHA256 | the whole | **no** | what is signed (unconfirmed) | secret |
//! | [Convoy (advanced, SHA-256, hex)](providers::CONVOY_ADVANCED) | HMAC-SHA256, HMAC-SHA256 | the whole | yes | what is signed (unconfirmed) | secret |
//! | [Convoy (advanced, SHA-256, base64)](providers::CONVOY_ADVANCED_BASE64) | HMAC-SHA256, HMAC-SHA256 | the whole | yes | what is signed (unconfirmed) | secret |
//! | [Convoy (advanced, SHA-512, hex)](providers::CONVOY_ADVANCED_SHA512) | HMAC-SHA512, HMAC-SHA512 | the whole | yes | what is signed (unconfirmed) | secret |
//! | [Convoy (advanced, SHA-512, base64)](providers::CONVOY_ADVANCED_SHA512_BASE64) | HMAC-SHA512, HMAC-SHA512 | the whole | yes | what is signed (unconfirmed) | secret |
//! | [Convoy (SHA-256, base64)](providers::CONVOY_BASE64) | HMAC-SHA256 | the whole | **no** | what is signed (unconfirmed) | secret |
//! | [Convoy (SHA-512, hex)](providers::CONVOY_SHA512) | HMAC-SHA512 | the whole | **no** | what is signed (unconfirmed) | secret |
//! | [Convoy (SHA-512, base64)](providers::CONVOY_SHA512_BASE64) | HMAC-SHA512 | the whole | **no** | what is signed (unconfirmed) | secret |
//! | [Customer.io](providers::CUSTOMER_IO) | HMAC-SHA256 | the whole | yes | a signed id (unconfirmed) | secret |
//! | [Discord](providers::DISCORD) | Ed25519 | the whole | yes | a signed id (unconfirmed) | public key, feature `ed25519` |
//! | [Discourse](providers::DISCOURSE) | HMAC-SHA256 | the whole | **no** | what is signed, and an unsigned id (unconfirmed) | secret |
//! | [DocuSign Connect](providers::DOCUSIGN) | HMAC-SHA256 | the whole | **no** | what is signed (unconfirmed) | secret |
//! | [Dropbox](providers::DROPBOX) | HMAC-SHA256 | the whole | **no** | what is signed, for a minute | secret |
//! | [Dropbox Sign](providers::DROPBOX_SIGN) | HMAC-SHA256 | **part** | **no** | what is signed (unconfirmed) | secret |
//! | [Dwolla](providers::DWOLLA) | HMAC-SHA256 | the whole | **no** | a signed id (unconfirmed) | secret |
//! | [EasyPost](providers::EASYPOST) | HMAC-SHA256 | the whole | **no** | a signed id (unconfirmed) | secret |
//! | [ElevenLabs](providers::ELEVENLABS) | HMAC-SHA256 | the whole | yes | what is signed (unconfirmed) | secret |
//! | [Figma](providers::FIGMA) | **token** | **nothing** | **no** | what is signed (unconfirmed) | secret |
//! | [Flutterwave (v3)](providers::FLUTTERWAVE_V3) | **token** | **nothing** | **no** | what is signed (unconfirmed) | secret |
//! | [Flutterwave v4](providers::FLUTTERWAVE_V4) | HMAC-SHA256 | the whole | **no** | what is signed (unconfirmed) | secret |
//! | [Forgejo](providers::FORGEJO) | HMAC-SHA256 | the whole | **no** | what is signed, and an unsigned id (unconfirmed) | secret |
//! | [Front (application webhooks)](providers::FRONT_APP) | HMAC-SHA256 | the whole | yes | what is signed (unconfirmed) | secret |
//! | [Front (rules)](providers::FRONT_RULES) | HMAC-SHA1 | the whole | **no** | a signed id (unconfirmed) | secret |
//! | [Ghost](providers::GHOST) | HMAC-SHA256 | the whole | yes | what is signed | secret |
//! | [Gitea](providers::GITEA) | HMAC-SHA256 | the whole | **no** | what is signed, and an unsigned id (unconfirmed) | secret |
//! | [GitHub](providers::GITHUB) | HMAC-SHA256 | the whole | **no** | what is signed, and an unsigned id | secret |
//! | [GitLab (secret token)](providers::GITLAB) | **token** | **nothing** | **no** | what is signed, and an unsigned id | secret |
//! | [GitLab (signing token)](providers::GITLAB_SIGNING) | HMAC-SHA256 | the whole | yes | a signed id | secret |
//! | [GoCardless](providers::GOCARDLESS) | HMAC-SHA256 | the whole | **no** | a signed id (unconfirmed) | secret |
//! | [Gogs](providers::GOGS) | HMAC-SHA256 | the whole | **no** | what is signed, and an unsigned id (unconfirmed) | secret |
//! | [Grafana Alerting](providers::GRAFANA) | HMAC-SHA256 | the whole | **no** | what is signed, for a minute | secret |
//! | [Grafana Alerting (with a timestamp)](providers::GRAFANA_TIMESTAMPED) | HMAC-SHA256 | the whole | yes | what is signed, for a minute | secret |
//! | [Help Scout](providers::HELP_SCOUT) | HMAC-SHA1 | the whole | **no** | what is signed (unconfirmed) | secret |
//! | [Heroku](providers::HEROKU) | HMAC-SHA256 | the whole | **no** | a signed id (unconfirmed) | secret |
//! | [Hookdeck](providers::HOOKDECK) | HMAC-SHA256, HMAC-SHA256 | the whole | **no** | what is signed, and an unsigned id (unconfirmed) | secret |
//! | [HubSpot](providers::HUBSPOT) | HMAC-SHA256 | the whole | yes | what is signed (unconfirmed) | secret, public URL |
//! | [HubSpot (signature v1)](providers::HUBSPOT_V1) | **plain SHA256** | the whole | **no** | what is signed (unconfirmed) | secret |
//! | [HubSpot (signature v2)](providers::HUBSPOT_V2) | **plain SHA256** | the whole | **no** | what is signed (unconfirmed) | secret, public URL |
//! | [Increase](providers::INCREASE) | HMAC-SHA256 | the whole | yes | a signed id (unconfirmed) | secret |
//! | [Increase (older signature)](providers::INCREASE_LEGACY) | HMAC-SHA256 | the whole | yes | a signed id (unconfirmed) | secret |
//! | [Intercom](providers::INTERCOM) | HMAC-SHA1, HMAC-SHA256 | the whole | **no** | a signed id (unconfirmed) | secret |
//! | [Jira Cloud](providers::JIRA) | HMAC-SHA256 | the whole | **no** | what is signed | secret |
//! | [Ko-fi](providers::KO_FI) | **token** | **nothing** | **no** | what is signed (unconfirmed) | secret |
//! | [LaunchDarkly](providers::LAUNCHDARKLY) | HMAC-SHA256 | the whole | **no** | a signed id (unconfirmed) | secret |
//! | [Lemon Squeezy](providers::LEMON_SQUEEZY) | HMAC-SHA256 | the whole | **no** | what is signed (unconfirmed) | secret |
//! | [LINE](providers::LINE) | HMAC-SHA256 | the whole | **no** | what is signed (unconfirmed) | secret |
//! | [Linear](providers::LINEAR) | HMAC-SHA256 | the whole | yes | what is signed | secret |
//! | [Lithic](providers::LITHIC) | HMAC-SHA256 | the whole | yes | a signed id | secret |
//! | [Mailgun](providers::MAILGUN) | HMAC-SHA256 | **part** | yes | what is signed (unconfirmed) | secret |
//! | [Mailchimp Transactional (Mandrill)](providers::MANDRILL) | HMAC-SHA1 | **part** | **no** | what is signed (unconfirmed) | secret, public URL |
//! | [Mattermost (outgoing webhooks)](providers::MATTERMOST) | **token**, **token** | **nothing** | **no** | what is signed (unconfirmed) | secret |
//! | [MessageBird (older signature)](providers::MESSAGEBIRD_LEGACY) | HMAC-SHA256 | the whole | yes | what is signed (unconfirmed) | secret |
//! | [Meta (Facebook, Instagram, WhatsApp)](providers::META) | HMAC-SHA256 | the whole | **no** | what is signed (unconfirmed) | secret, verify token |
//! | [Microsoft Graph](providers::MICROSOFT_GRAPH) | **token** | **nothing** | **no** | what is signed, for a minute | secret |
//! | [Modern Treasury](providers::MODERN_TREASURY) | HMAC-SHA256 | the whole | **no** | what is signed (unconfirmed) | secret |
//! | [Mollie](providers::MOLLIE) | HMAC-SHA256 | the whole | **no** | a signed id (unconfirmed) | secret |
//! | [Monnify](providers::MONNIFY) | HMAC-SHA512 | the whole | **no** | what is signed (unconfirmed) | secret |
//! | [Mux](providers::MUX) | HMAC-SHA256 | the whole | yes | a signed id (unconfirmed) | secret |
//! | [Notion](providers::NOTION) | HMAC-SHA256 | the whole | **no** | a signed id (unconfirmed) | secret |
//! | [npm hooks](providers::NPM_HOOKS) | HMAC-SHA256 | the whole | **no** | what is signed (unconfirmed) | secret |
//! | [Okta (event hooks)](providers::OKTA_EVENT_HOOKS) | **token** | **nothing** | **no** | what is signed (unconfirmed) | secret |
//! | [Onfido](providers::ONFIDO) | HMAC-SHA256 | the whole | **no** | what is signed (unconfirmed) | secret |
//! | [OpenAI](providers::OPENAI) | HMAC-SHA256 | the whole | yes | a signed id | secret |
//! | [Paddle](providers::PADDLE) | HMAC-SHA256 | the whole | yes | a signed id (unconfirmed) | secret |
//! | [PagerDuty](providers::PAGERDUTY) | HMAC-SHA256 | the whole | **no** | a signed id (unconfirmed) | secret |
//! | [Patreon](providers::PATREON) | HMAC-MD5 | the whole | **no** | what is signed (unconfirmed) | secret |
//! | [Paystack](providers::PAYSTACK) | HMAC-SHA512 | the whole | **no** | what is signed (unconfirmed) | secret |
//! | [Persona](providers::PERSONA) | HMAC-SHA256 | the whole | yes | a signed id (unconfirmed) | secret |
//! | [Pipedrive](providers::PIPEDRIVE) | **token** | **nothing** | **no** | what is signed (unconfirmed) | secret |
//! | [Postmark](providers::POSTMARK) | **token** | **nothing** | **no** | what is signed (unconfirmed) | secret |
//! | [Prismic](providers::PRISMIC) | **token** | **nothing** | **no** | what is signed (unconfirmed) | secret |
//! | [Pusher Channels](providers::PUSHER) | HMAC-SHA256 | the whole | **no** | what is signed (unconfirmed) | secret |
//! | [QuickBooks (Intuit)](providers::QUICKBOOKS) | HMAC-SHA256 | the whole | **no** | what is signed (unconfirmed) | secret |
//! | [Quicknode](providers::QUICKNODE) | HMAC-SHA256 | the whole | yes | what is signed (unconfirmed) | secret |
//! | [Razorpay](providers::RAZORPAY) | HMAC-SHA256 | the whole | **no** | what is signed, and an unsigned id | secret |
//! | [Recharge](providers::RECHARGE) | HMAC-SHA256 | the whole | yes | what is signed (unconfirmed) | secret |
//! | [Recharge (older header)](providers::RECHARGE_LEGACY) | **plain SHA256** | the whole | **no** | what is signed (unconfirmed) | secret |
//! | [Render](providers::RENDER) | HMAC-SHA256 | the whole | yes | a signed id | secret |
//! | [Replicate](providers::REPLICATE) | HMAC-SHA256 | the whole | yes | a signed id | secret |
//! | [Resend](providers::RESEND) | HMAC-SHA256 | the whole | yes | a signed id | secret |
//! | [Rocket.Chat (outgoing webhooks)](providers::ROCKET_CHAT) | **token** | **nothing** | **no** | what is signed (unconfirmed) | secret |
//! | [Sanity](providers::SANITY) | HMAC-SHA256 | the whole | yes | what is signed, and an unsigned id (unconfirmed) | secret |
//! | [Segment](providers::SEGMENT) | HMAC-SHA1 | the whole | **no** | a signed id (unconfirmed) | secret |
//! | [Sentry](providers::SENTRY) | HMAC-SHA256, HMAC-SHA256 | the whole | **no** | what is signed, and an unsigned id (unconfirmed) | secret |
//! | [Shippo](providers::SHIPPO) | HMAC-SHA256 | the whole | yes | what is signed (unconfirmed) | secret |
//! | [Shopify](providers::SHOPIFY) | HMAC-SHA256 | the whole | **no** | what is signed, and an unsigned id | secret |
//! | [Shopify Events](providers::SHOPIFY_EVENTS) | HMAC-SHA256 | the whole | **no** | what is signed, and an unsigned id (unconfirmed) | secret |
//! | [Sinch Conversation API](providers::SINCH_CONVERSATION) | HMAC-SHA256 | the whole | yes | what is signed (unconfirmed) | secret |
//! | [Slack](providers::SLACK) | HMAC-SHA256 | the whole | yes | a signed id | secret |
//! | [Smartsheet](providers::SMARTSHEET) | HMAC-SHA256 | the whole | **no** | what is signed (unconfirmed) | secret |
//! | [Square](providers::SQUARE) | HMAC-SHA256 | the whole | **no** | a signed id | secret, public URL |
//! | [Squarespace](providers::SQUARESPACE) | HMAC-SHA256 | the whole | **no** | a signed id (unconfirmed) | secret |
//! | [Standard Webhooks](providers::STANDARD_WEBHOOKS) | HMAC-SHA256, Ed25519 | the whole | yes | a signed id | secret |
//! | [Storyblok](providers::STORYBLOK) | HMAC-SHA1 | the whole | **no** | what is signed (unconfirmed) | secret |
//! | [Stripe](providers::STRIPE) | HMAC-SHA256 | the whole | yes | a signed id | secret |
//! | [Supabase Auth Hooks](providers::SUPABASE_AUTH_HOOKS) | HMAC-SHA256 | the whole | yes | a signed id | secret |
//! | [Svix](providers::SVIX) | HMAC-SHA256 | the whole | yes | a signed id | secret |
//! | [Tally](providers::TALLY) | HMAC-SHA256 | the whole | **no** | a signed id (unconfirmed) | secret |
//! | [Microsoft Teams outgoing webhooks](providers::TEAMS_OUTGOING) | HMAC-SHA256 | the whole | **no** | a signed id (unconfirmed) | secret |
//! | [Telegram Bot API](providers::TELEGRAM) | **token** | **nothing** | **no** | what is signed (unconfirmed) | secret |
//! | [HCP Terraform](providers::TERRAFORM_CLOUD) | HMAC-SHA512 | the whole | **no** | what is signed (unconfirmed) | secret |
//! | [TikTok for Developers](providers::TIKTOK) | HMAC-SHA256 | the whole | yes | what is signed (unconfirmed) | secret |
//! | [Todoist](providers::TODOIST) | HMAC-SHA256 | the whole | **no** | what is signed, and an unsigned id (unconfirmed) | secret |
//! | [Trello](providers::TRELLO) | HMAC-SHA1 | the whole | **no** | a signed id (unconfirmed) | secret, public URL |
//! | [Twilio](providers::TWILIO) | HMAC-SHA1 | **part** | **no** | what is signed (unconfirmed) | secret, public URL |
//! | [Twilio (SharedKey)](providers::TWILIO_SHARED_KEY) | HMAC-SHA256 | **part** | **no** | what is signed (unconfirmed) | secret, public URL |
//! | [Twitch](providers::TWITCH) | HMAC-SHA256 | the whole | yes | a signed id | secret |
//! | [Typeform](providers::TYPEFORM) | HMAC-SHA256 | the whole | **no** | a signed id (unconfirmed) | secret |
//! | [Unit](providers::UNIT) | HMAC-SHA1 | the whole | **no** | what is signed (unconfirmed) | secret |
//! | [Vercel](providers::VERCEL) | HMAC-SHA1 | the whole | **no** | a signed id (unconfirmed) | secret |
//! | [Vonage (MD5 hash)](providers::VONAGE_SIGNATURE) | **plain MD5** | **part** | yes | what is signed (unconfirmed) | secret |
//! | [Vonage (MD5 HMAC)](providers::VONAGE_SIGNATURE_MD5) | HMAC-MD5 | **part** | yes | what is signed (unconfirmed) | secret |
//! | [Vonage (SHA-1 HMAC)](providers::VONAGE_SIGNATURE_SHA1) | HMAC-SHA1 | **part** | yes | what is signed (unconfirmed) | secret |
//! | [Vonage (SHA-256 HMAC)](providers::VONAGE_SIGNATURE_SHA256) | HMAC-SHA256 | **part** | yes | what is signed (unconfirmed) | secret |
//! | [Vonage (SHA-512 HMAC)](providers::VONAGE_SIGNATURE_SHA512) | HMAC-SHA512 | **part** | yes | what is signed (unconfirmed) | secret |
//! | [Webflow](providers::WEBFLOW) | HMAC-SHA256 | the whole | yes | what is signed (unconfirmed) | secret |
//! | [WebSub](providers::WEBSUB) | HMAC-SHA256, HMAC-SHA1, HMAC-SHA384, HMAC-SHA512 | the whole | **no** | what is signed (unconfirmed) | secret |
//! | [WooCommerce](providers::WOOCOMMERCE) | HMAC-SHA256 | the whole | **no** | what is signed, and an unsigned id (unconfirmed) | secret |
//! | [WorkOS](providers::WORKOS) | HMAC-SHA256 | the whole | yes | a signed id (unconfirmed) | secret |
//! | [Xero](providers::XERO) | HMAC-SHA256 | the whole | **no** | what is signed (unconfirmed) | secret |
//! | [X (Twitter)](providers::X_TWITTER) | HMAC-SHA256 | the whole | **no** | what is signed (unconfirmed) | secret |
//! | [Zendesk](providers::ZENDESK) | HMAC-SHA256 | the whole | yes | what is signed, and an unsigned id (unconfirmed) | secret |
//! | [Zoom](providers::ZOOM) | HMAC-SHA256 | the whole | yes | what is signed | secret |
//! | [Zulip (outgoing webhooks)](providers::ZULIP) | **token** | **nothing** | **no** | what is signed (unconfirmed) | secret |
//! <!-- providers: end -->
//!
//! # Features
//!
//! | feature | what it adds | pulls in |
//! | --- | --- | --- |
//! | `tokio` (default) | [`WebhookLayer`]: time-outs, and the run that outlives its sender's patience | `tokio` |
//! | `tracing` (default) | log lines under target `tower_webhooks`, the span carried into the handler | `tracing` |
//! | `axum` | `Event<T>` as an extractor; the original path of nested routers in signed URLs | `axum`, `axum-core` |
//! | `ed25519` | Discord, and Standard Webhooks with `whpk_` keys | `ed25519-dalek` |
//! | `config` | endpoints, and senders of your own, from a TOML or JSON file | `toml` |
//! | `store-sqlite` | [`SqliteStore`](store::SqliteStore): handled events are remembered in a file; the [`inbox`] in it | `sqlx`, SQLite itself |
//! | `store-postgres` | [`PostgresStore`](store::PostgresStore): one memory for all replicas; the [`inbox`] in it | `sqlx` |
//! | `store-redis` | [`RedisStore`](store::RedisStore): one memory for all replicas | `redis` |
//! | `testing` | [`Signer`](testing::Signer), [`ManualClock`](testing::ManualClock), [`FailingStore`](testing::FailingStore), [`store_contract`](testing::store_contract) | nothing |
//! | `full` | all of these | |
//!
//! Without `tokio` there are still [`Provider`], [`Verifier`], [`Event`], [`Signer`](testing::Signer)
//! and the [store's trait](store::IdempotencyStore), on no runtime. Features only add: none changes a
//! default or a verdict.
//!
//! # What is checked, what is not
//!
//! - **Origin**: the signature, over the bytes as they came, with every key, in constant time. Only
//!   then is anything parsed. [`Event::assurance`] says what the signature proved: a few senders sign
//!   only part of their body.
//! - **Freshness**: the signed time, to both sides of the clock. Where the sender signs no time, the
//!   store is the only protection against replays.
//! - **Repetition**: an event whose handler answered 2xx is acknowledged and not run while it is
//!   remembered; deliveries of one event at the same time run one handler. After any other answer, a
//!   time-out or a crash it runs again: **at least once, and not twice at the same time**, as long as
//!   the lease holds. More cannot be promised over a network. Make effects repeatable with
//!   [`Event::replay_key`] or [`Event::fence`]; or write them in one transaction with the record, by
//!   [`Event::commit`]: then they happen exactly once. [`store::operations`] says which store
//!   remembers what, the [`inbox`] is for handlers that are slower than their sender is patient.
//! - **Identity**: the replay key is made of signed bytes, of the endpoint, the provider and the
//!   principal. An unsigned id is shown, says so ([`event::Field::is_signed`]), and is never believed.
//! - **Bounds**: the size of a body and the time it takes, all bodies together, the runs at one time,
//!   the time of handler, store and key source.
//! - **Not checked**: addresses and TLS; whether the sender's account is whose you think; that events
//!   arrive in order, or at all; what the payload says.
//!
//! A refusal is a status without a reason. The operator has the exact [`RejectionKind`] and often a
//! [`Hint`]: in the log, in [`on_rejection`](WebhookLayerBuilder::on_rejection), and as [`Rejection`] in
//! the response's extensions.
//!
//! # Cancel safety
//!
//! Senders hang up after a few seconds, and hyper then drops the response future. Before the claim that
//! leaves no trace. After it the run goes on as a task of its own, and the sender's retry finds the
//! event completed. Give the [`DrainHandle`](layer::DrainHandle) the time to see such runs to their end
//! before the process exits. Each async method says the same of itself.
//!
//! # Stability
//!
//! Before 1.0 a minor version may break; the changelog says what and how to keep the old behaviour.
//! Descriptions follow their senders, and defaults may become stricter, in any version. The name of an
//! endpoint, a provider or a principal, and the version of the replay key, stay: changing one would make
//! handled events new again.
//!
//! The minimum supported Rust version is 1.88; the stores on SQLite and PostgreSQL need 1.94. Neither is
//! less than six months old; raising one is a minor version.

#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]
// The docs are written for all features; with fewer, some of what they link to is not there.
#![cfg_attr(not(feature = "full"), allow(rustdoc::broken_intra_doc_links))]

mod assurance;
mod body_digest;
mod clock;
#[cfg(feature = "config")]
pub mod config;
mod config_error;
pub mod doctor;
mod encoding;
pub mod event;
#[cfg(feature = "axum")]
mod extract;
pub mod handshake;
#[cfg(any(feature = "store-sqlite", feature = "store-postgres"))]
pub mod inbox;
mod keys;
#[cfg(feature = "tokio")]
pub mod layer;
mod plan;
pub mod provider;
pub mod providers;
mod rejection;
mod scheme;
mod secret;
pub mod store;
#[cfg(feature = "testing")]
pub mod testing;
mod trace;
mod verifier;
mod verifiers;
mod wire;

pub use clock::{Clock, SystemClock};
pub use config_error::{ConfigError, ConfigErrorKind};
pub use event::{Assurance, Event};
#[cfg(feature = "axum")]
pub use extract::EventRejection;
pub use keys::{KeySource, KeySourceError, Keys};
#[cfg(feature = "tokio")]
pub use layer::{EventLayer, EventService, WebhookLayer, WebhookLayerBuilder, WebhookService};
pub use provider::Provider;
pub use rejection::{Hint, Rejection, RejectionKind};
pub use secret::{Secret, Secrets};
pub use verifier::{Verification, Verified, Verifier, VerifierBuilder};
pub use verifiers::Verifiers;
pub use wire::forwarded::{Forwarding, PeerAddr};

/// The examples of the README are compiled and run with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
