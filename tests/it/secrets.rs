//! What is pasted where a secret belongs: refused, warned of, or right.
#![cfg(all(feature = "tokio", feature = "testing", feature = "tracing"))]

use crate::support::layer::Logs;
use tower_webhooks::ConfigErrorKind::{self, *};
use tower_webhooks::provider::SecretFormat;
use tower_webhooks::providers::{
    ABLY, GITHUB, LINEAR, MAILGUN, META, PADDLE, PAYSTACK, SHOPIFY, SLACK, STANDARD_WEBHOOKS,
    STRIPE, SVIX, TWILIO, ZENDESK,
};
use tower_webhooks::{ConfigError, Provider};

fn refusal(provider: &Provider, secret: &str) -> ConfigError {
    match provider.verifier(secret).build() {
        Ok(_) => panic!("`{}` takes {secret:?}", provider.name()),
        Err(error) => error,
    }
}

#[track_caller]
fn is_refused(provider: &Provider, secret: &str, kind: ConfigErrorKind) {
    assert_eq!(refusal(provider, secret).kind(), kind, "{secret:?}");
}

#[test]
fn what_stands_in_quotes_is_refused() {
    for text in ["\"whsec_x\"", "'whsec_x'", "`whsec_x`", "“whsec_x”", "«whsec_x»"] {
        is_refused(&STRIPE, text, QuotedSecret);
    }
    is_refused(&ABLY, "app.key:\"secret\"", QuotedSecret);
}

#[test]
fn a_character_that_nobody_sees_is_refused_with_its_place() {
    for text in ["\u{feff}whsec_x", "whsec_x\u{200b}", "whsec\0_x", "wh\u{200d}sec_x"] {
        is_refused(&STRIPE, text, InvisibleCharacter);
    }
    let error = refusal(&STRIPE, "whsec_x\u{200b}").to_string();
    assert!(error.contains("U+200B") && error.contains("number 8"), "{error}");
}

#[test]
fn what_was_never_filled_in_is_refused() {
    for text in [
        "undefined",
        "null",
        "None",
        "changeme",
        "ChangeMe",
        "${STRIPE_SECRET}",
        "{{ secret }}",
        "${{ secrets.STRIPE }}",
        "...",
        "whsec_...",
        "whsec_…",
        "whsec_xxxxxxxx",
        "whsec_••••••",
        "whsec_undefined",
        "[object Object]",
    ] {
        is_refused(&STRIPE, text, Placeholder);
    }
    is_refused(&ABLY, "app.key:undefined", Placeholder);
}

#[test]
fn a_prefix_alone_is_refused() {
    for (provider, text) in [
        (&STRIPE, "whsec_"),
        (&LINEAR, "lin_wh_"),
        (&PADDLE, "pdl_ntfset_"),
        (&SHOPIFY, "shpss_"),
        (&PAYSTACK, "sk_"),
        (&PAYSTACK, "sk_live_"),
        (&MAILGUN, "key-"),
        (&SVIX, "whsec_"),
    ] {
        is_refused(provider, text, EmptySecret);
    }
}

#[test]
fn a_key_of_zeros_is_the_empty_key_and_refused() {
    is_refused(&STANDARD_WEBHOOKS, "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", EmptySecret);
    is_refused(&GITHUB.secret(SecretFormat::Hex), &"0".repeat(64), EmptySecret);
    is_refused(&GITHUB, "\0\0\0", InvisibleCharacter);
}

#[test]
fn the_secret_that_zendesk_publishes_is_refused_and_the_real_one_named() {
    let error = refusal(&ZENDESK, "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==");
    assert_eq!(error.kind(), PublishedSecret);
    assert!(error.to_string().contains("*Signing secret*, from Admin Center"), "{error}");
    let longer = ZENDESK.verifier("dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==x").build();
    assert!(longer.is_ok(), "compared whole");
}

#[test]
fn a_key_for_an_api_is_refused_and_what_to_paste_is_said() {
    for (provider, text, paste) in [
        (&SHOPIFY, "shpat_0123456789abcdef", "`shpss_…`"),
        (&SLACK, "xoxb-1-2-abc", "*Signing Secret*, from Basic Information"),
        (&GITHUB, "ghp_0123456789abcdef", "Settings, Webhooks, *Secret*"),
        (&LINEAR, "lin_api_0123456789", "`lin_wh_…`"),
        (&STRIPE, "sk_live_0123456789", "`whsec_…`"),
        (&SVIX, "testsk_0123456789", "`whsec_…`"),
        (&TWILIO, "AC0123456789abcdef0123456789abcdef", "*Auth Token*"),
        (&MAILGUN, "pubkey-0123456789abcdef", "*HTTP webhook signing key*"),
        (&STRIPE, "ghp_0123456789abcdef", "GitHub, which signs no webhooks"),
    ] {
        let error = refusal(provider, text);
        assert_eq!(error.kind(), NotASecret, "{text}");
        assert!(error.to_string().contains(paste), "{error}");
        assert!(!error.to_string().contains(text), "{error}");
    }
}

#[test]
fn right_secrets_that_look_like_others_are_taken() {
    for (provider, text) in [
        (&MAILGUN, "key-3ax6xnjp29jd6fds4gc373sgvjxteol0"),
        (&SHOPIFY, "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"),
        (&PAYSTACK, "sk_live_0123456789abcdef0123456789abcdef"),
        (&GITHUB, "secret"),
        (&GITHUB, "test"),
        (&GITHUB, "It's a Secret to Everybody"),
        (&GITHUB, "s"),
        (&GITHUB, "\"half of a pair"),
        (&GITHUB, "undefined behaviour"),
        (&GITHUB, "$ECRET"),
    ] {
        assert!(provider.verifier(text).build().is_ok(), "{text}");
    }
}

#[test]
fn a_short_secret_is_warned_of_and_builds() {
    let logs = Logs::capture();
    assert!(GITHUB.verifier("s3cret").build().is_ok());
    let warnings = logs.lines("WARN");
    assert_eq!(warnings.len(), 1, "{}", logs.text());
    assert!(warnings[0].contains("short") && warnings[0].contains("provider=\"github\""));
    assert!(!logs.text().contains("s3cret"), "{}", logs.text());

    let logs = Logs::capture();
    assert!(GITHUB.verifier("415c6c37cab1829").build().is_ok(), "as long as Dropbox's are");
    assert_eq!(logs.lines("WARN"), [""; 0]);
}

#[test]
fn a_text_that_may_be_a_public_key_is_warned_of_where_the_sender_has_both() {
    let bare = "y/GIo1Pdxp3LRZjZz7tgx9PYwJ/+TXXdbhECrevInb4=";
    let logs = Logs::capture();
    assert!(STANDARD_WEBHOOKS.verifier(bare).build().is_ok());
    assert!(logs.lines("WARN").iter().any(|line| line.contains("whpk_")), "{}", logs.text());

    let logs = Logs::capture();
    assert!(SVIX.verifier(bare).build().is_ok());
    assert!(STANDARD_WEBHOOKS.verifier(format!("whsec_{bare}")).build().is_ok());
    assert_eq!(logs.lines("WARN"), [""; 0]);
}

#[test]
fn a_verify_token_that_was_never_filled_in_is_refused() {
    let error = META.verifier("an app secret").verify_token("${TOKEN}").build().unwrap_err();
    assert_eq!(error.kind(), VerifyToken);
}
