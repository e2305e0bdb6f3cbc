use crate::handshake::{Handshake, Mark};
use crate::provider::reader::TokenCode;
use crate::provider::{Algorithm::Token, Provider, json, query};
use crate::rejection::RejectionKind;
use crate::wire::json::read_each;

/// [Microsoft Graph](https://learn.microsoft.com/en-us/graph/change-notifications-delivery-webhooks):
/// change notifications.
///
/// - **Signed**: nothing. Each element of the body's `value` carries the secret itself as its
///   `clientState`, compared in constant time; all of them must be right, each with any of the
///   active secrets. It proves who sends, and nothing of what is sent. Who has seen one request can
///   send any other: rely on TLS, and keep bodies out of logs. The tokens that come with resource
///   data (`validationTokens`) are not looked at.
/// - **Time**: none. **The replay store is the only protection against replays**, and weeds out
///   repetitions only.
/// - **Event**: none is named: a delivery is a batch, `value[]`.
/// - **Identity**: a digest of what is signed, for a minute after it was handled: a delivery only
///   says "look again", by [its
///   documentation](https://learn.microsoft.com/en-us/graph/api/resources/changenotification).
/// - **Secret**: the `clientState` that you gave when the subscription was made; at most 128
///   characters. Without one a notification is refused.
/// - **Setup**: a POST with `validationToken` in the query and no body, any number of times, also at
///   the lifecycle URL, is answered with the token as plain text.
/// - **Retries**: for up to 4 h, when there was no 2xx within 3 s.
pub static MICROSOFT_GRAPH: Provider = Provider::new("microsoft-graph")
    .title("Microsoft Graph")
    .aliases(&["ms-graph", "msgraph"])
    .docs("https://learn.microsoft.com/en-us/graph/change-notifications-delivery-webhooks")
    .signature(Token, json("/value/0/clientState").text())
    .every_token(&ClientStates)
    .looks_again()
    .handshakes(&[Handshake::unsigned_post(&[
        Mark::Present(query("validationToken")),
        Mark::EmptyBody,
    ])
    .echoes(query("validationToken"))])
    .identity_source("https://learn.microsoft.com/en-us/graph/api/resources/changenotification");

/// The `clientState` of every notification in a batch.
#[derive(Debug)]
struct ClientStates;

impl TokenCode for ClientStates {
    fn tokens(&self, body: &[u8]) -> Result<Vec<String>, RejectionKind> {
        let states = read_each(body, "/value", "/clientState");
        let states = states.ok_or(RejectionKind::MalformedSignature)?;
        states.into_iter().collect::<Option<_>>().ok_or(RejectionKind::MissingSignature)
    }
}
