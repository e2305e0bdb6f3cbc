//! Keys for calling a sender's API, by what they begin with. They do not sign webhooks.
//!
//! Only beginnings that one sender alone gives to its keys stand here, and none with which a sender
//! signs: Paystack signs with `sk_…`, Shopify with `shpss_…`, Mailgun once did with `key-…`. What is
//! wrong for one sender and right for another stands with the provider, in
//! [`never_secrets`](crate::Provider::never_secrets), which is asked first.

/// Keys of one owner.
pub(super) struct ApiKey {
    pub(super) prefixes: &'static [&'static str],
    /// What such a text is.
    pub(super) what: &'static str,
    /// What to paste instead, for the providers named here.
    pub(super) paste: Option<(&'static [&'static str], &'static str)>,
    /// Where the prefixes are documented.
    #[cfg_attr(not(test), allow(dead_code, reason = "for readers, and counted by a test"))]
    pub(super) source: &'static str,
}

/// Rules of a scanner for leaked keys, for owners whose own pages only show examples.
const GITLEAKS: &str = "https://github.com/gitleaks/gitleaks/blob/master/config/gitleaks.toml";

const fn key(
    prefixes: &'static [&'static str],
    what: &'static str,
    paste: Option<(&'static [&'static str], &'static str)>,
    source: &'static str,
) -> ApiKey {
    ApiKey { prefixes, what, paste, source }
}

pub(super) static API_KEYS: &[ApiKey] = &[
    key(
        &["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"],
        "an access token of GitHub",
        Some((&["github"], "the secret that you typed under Settings, Webhooks, *Secret*")),
        "https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github#githubs-token-formats",
    ),
    key(
        &[
            "glpat-", "gldt-", "glrt-", "glptt-", "glcbt-", "glft-", "glimt-", "glagent-",
            "glsoat-", "glffct-", "gloas-",
        ],
        "a token of GitLab for its API, its runners or its applications",
        Some((
            &["gitlab", "gitlab-signing"],
            "the token of the webhook itself, from Settings, Webhooks",
        )),
        "https://docs.gitlab.com/security/tokens/#token-prefixes",
    ),
    key(
        &["xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxe-", "xoxe.", "xapp-"],
        "a token of Slack",
        Some((&["slack"], "the app's *Signing Secret*, from Basic Information")),
        "https://docs.slack.dev/authentication/tokens",
    ),
    key(
        &["shpat_", "shpca_", "shppa_", "shpua_"],
        "an access token of Shopify",
        Some((
            &["shopify", "shopify-events"],
            "the app's client secret, `shpss_…`, or for webhooks made in the admin the key shown under Settings, Notifications, Webhooks",
        )),
        "https://shopify.dev/changelog/length-of-the-shopify-access-token-is-increasing",
    ),
    key(
        &["sk-proj-", "sk-svcacct-", "sk-admin-"],
        "an API key of OpenAI",
        Some((&["openai"], "the webhook endpoint's signing secret, `whsec_…`")),
        GITLEAKS,
    ),
    key(&["sk-ant-"], "an API key of Anthropic", None, GITLEAKS),
    key(&["npm_"], "an access token of npm", None, GITLEAKS),
    key(&["pypi-"], "an API token of PyPI", None, "https://pypi.org/help/#apitoken"),
    key(
        &["figd_"],
        "an access token of Figma",
        None,
        "https://developers.figma.com/docs/rest-api/authentication/",
    ),
    key(&["ntn_"], "an API token of Notion", None, GITLEAKS),
    key(&["lin_api_", "lin_oauth_"], "a key for the API of Linear", None, GITLEAKS),
    key(
        &["pat-na1-", "pat-na2-", "pat-eu1-", "pat-ap1-"],
        "an access token of HubSpot",
        None,
        "https://developers.hubspot.com/docs/guides/apps/private-apps/overview",
    ),
    key(&["SG."], "an API key of SendGrid", None, GITLEAKS),
    key(&["xkeysib-"], "an API key of Brevo", None, GITLEAKS),
    key(&["HRKU-"], "an API token of Heroku", None, GITLEAKS),
    key(
        &["bkua_"],
        "an API access token of Buildkite",
        None,
        "https://buildkite.com/docs/apis/managing-api-tokens",
    ),
    key(
        &["CCIPAT_", "CCIPRJ_"],
        "an API token of CircleCI",
        None,
        "https://circleci.com/docs/managing-api-tokens/",
    ),
    key(&["sq0atp-", "sq0csp-", "sq0idp-"], "a key of an application of Square", None, GITLEAKS),
    key(
        &["rzp_live_", "rzp_test_"],
        "the id of an API key of Razorpay",
        None,
        "https://razorpay.com/docs/api/authentication/",
    ),
    key(
        &["pdl_live_apikey_", "pdl_sdbx_apikey_"],
        "an API key of Paddle",
        None,
        "https://developer.paddle.com/api-reference/about/authentication",
    ),
    key(
        &["r8_"],
        "an API token of Replicate",
        None,
        "https://replicate.com/docs/topics/security/api-tokens",
    ),
    key(
        &["rnd_"],
        "an API key of Render",
        Some((&["render"], "the webhook's signing secret, `whsec_…`")),
        "https://render.com/docs/api",
    ),
    key(
        &["sntrys_", "sntryu_"],
        "an auth token of Sentry",
        Some((&["sentry"], "the *Client Secret* of the integration")),
        GITLEAKS,
    ),
    key(
        &["glsa_", "glc_"],
        "a token of a service account of Grafana",
        Some((
            &["grafana", "grafana-timestamped"],
            "the secret of the contact point's HMAC signature",
        )),
        GITLEAKS,
    ),
    key(
        &["tfp_"],
        "an access token of Typeform",
        Some((&["typeform"], "the secret that you typed for the webhook")),
        GITLEAKS,
    ),
    key(
        &["sbp_", "sb_secret_", "sb_publishable_"],
        "an API key of Supabase",
        Some((&["supabase-auth-hooks"], "the hook's secret, `v1,whsec_…`")),
        "https://supabase.com/docs/guides/api/api-keys",
    ),
    key(
        &["ATATT3", "ATCTT3", "ATBBT"],
        "an API token of Atlassian",
        Some((&["jira", "bitbucket"], "the secret that you typed for the webhook")),
        GITLEAKS,
    ),
    key(
        &["ATTA"],
        "an API token of Trello",
        None,
        "https://developer.atlassian.com/cloud/trello/guides/rest-api/authorization/",
    ),
    key(&["AKIA", "ASIA"], "the id of an access key of AWS", None, GITLEAKS),
    key(&["AIza"], "an API key of Google", None, GITLEAKS),
    key(&["dop_v1_", "doo_v1_", "dor_v1_"], "an access token of DigitalOcean", None, GITLEAKS),
    key(&["hf_"], "an access token of Hugging Face", None, GITLEAKS),
    key(&["dp.pt.", "dp.st.", "dp.ct.", "dp.sa."], "a token of Doppler", None, GITLEAKS),
    key(&["pul-"], "an access token of Pulumi", None, GITLEAKS),
    key(&["PMAK-"], "an API key of Postman", None, GITLEAKS),
    key(&["pscale_tkn_", "pscale_oauth_", "pscale_pw_"], "a token of PlanetScale", None, GITLEAKS),
    key(&["rubygems_"], "an API key of RubyGems", None, GITLEAKS),
    key(&["NRAK-"], "an API key of New Relic", None, GITLEAKS),
    key(&["shippo_live_", "shippo_test_"], "an API token of Shippo", None, GITLEAKS),
    key(&["duffel_live_", "duffel_test_"], "an API token of Duffel", None, GITLEAKS),
    key(
        &["EZAK", "EZTK"],
        "an API key of EasyPost",
        Some((&["easypost"], "the secret that you gave to the webhook")),
        GITLEAKS,
    ),
    key(&["FLWSECK", "FLWPUBK"], "an API key of Flutterwave", None, GITLEAKS),
    key(
        &["cal_live_"],
        "an API key of Cal.com",
        None,
        "https://cal.com/docs/api-reference/v2/introduction",
    ),
    key(
        &["asat_"],
        "an API key of AfterShip",
        None,
        "https://www.aftership.com/docs/tracking/quickstart/authentication",
    ),
    key(&["QN_"], "an API key of QuickNode", None, "https://www.quicknode.com/docs/console-api"),
    key(
        &["CFPAT-"],
        "an access token of Contentful",
        Some((&["contentful"], "the signing secret of the space, from Settings, Webhooks")),
        "https://www.contentful.com/developers/docs/references/authentication/",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers;

    #[test]
    fn every_key_has_a_source_and_a_prefix_that_stands_once() {
        let mut seen = std::collections::HashSet::new();
        for key in API_KEYS {
            assert!(key.source.starts_with("https://"), "{}", key.what);
            for prefix in key.prefixes {
                assert!(prefix.len() >= 3 && seen.insert(prefix), "{prefix}");
            }
        }
    }

    #[test]
    fn what_to_paste_is_said_for_providers_that_exist() {
        let named = API_KEYS.iter().filter_map(|key| key.paste).flat_map(|(names, _)| names);
        for name in named {
            assert!(providers::find(name).is_some(), "{name}");
        }
    }
}
