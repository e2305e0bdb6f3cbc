//! One route for several senders, or for two versions of one sender.

use http::request::Parts;

use crate::config_error::{ConfigError, ConfigErrorKind};
use crate::provider::Place;
use crate::rejection::{Rejection, RejectionKind};
use crate::verifier::Verifier;

/// One verifier, or several of which each request is for one.
///
/// A layer takes a [`Verifier`] as it is. Several stand behind one route in two ways, and in
/// neither is a check ever weakened: the one that is picked must accept, or the request is refused.
///
/// ```
/// use tower_webhooks::{Verifiers, providers::{GITHUB, STRIPE}};
///
/// let one_route = Verifiers::one_of([
///     GITHUB.verifier("a secret").build()?,
///     STRIPE.verifier("whsec_a_secret").build()?,
/// ])?;
///
/// let (head, _) = http::Request::post("/webhooks").header("stripe-signature", "t=1,v1=…").body(())?.into_parts();
/// assert_eq!(one_route.pick(&head)?.provider().name(), "stripe");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
///
/// # Clone
///
/// Cheap enough to be done once for each layer.
#[derive(Debug, Clone)]
pub struct Verifiers {
    all: Vec<Verifier>,
    choice: Choice,
}

/// What becomes of a request that carries the signatures of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Choice {
    Refuse,
    First,
}

impl From<Verifier> for Verifiers {
    fn from(verifier: Verifier) -> Self {
        Self { all: vec![verifier], choice: Choice::First }
    }
}

impl Verifiers {
    /// Different senders on one route. Each request is for the one whose signature header it has;
    /// one that has several is refused as
    /// [`AmbiguousSender`](RejectionKind::AmbiguousSender).
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if there is none, or two cannot be told apart by the place of their
    /// signatures, or one keeps its signature in the body.
    pub fn one_of(verifiers: impl IntoIterator<Item = Verifier>) -> Result<Self, ConfigError> {
        Self::checked(verifiers, Choice::Refuse)
    }

    /// Several versions of one sender during a migration, the strongest first. A request that has
    /// the signature of a stronger one is verified with that one, whatever else it has: if that
    /// fails it is refused, and no weaker one is tried.
    ///
    /// As long as a weaker version is in the list, whoever can forge that can send requests without
    /// the stronger signature: take it out when the migration is over.
    ///
    /// # Errors
    ///
    /// As [`one_of`](Self::one_of).
    pub fn strongest_first(
        verifiers: impl IntoIterator<Item = Verifier>,
    ) -> Result<Self, ConfigError> {
        Self::checked(verifiers, Choice::First)
    }

    fn checked(
        verifiers: impl IntoIterator<Item = Verifier>,
        choice: Choice,
    ) -> Result<Self, ConfigError> {
        let all: Vec<Verifier> = verifiers.into_iter().collect();
        let wrong = |advice: String| Err(ConfigError::new(ConfigErrorKind::Verifiers, advice));
        if all.is_empty() {
            return wrong("there is no verifier in the list: no request could pass".into());
        }
        for (index, verifier) in all.iter().enumerate() {
            let name = verifier.provider().name;
            let places: Vec<Place> = verifier.provider().signature_places().collect();
            if all.len() > 1 && !places.iter().all(|place| place.is_in_head()) {
                return wrong(format!(
                    "`{name}` keeps its signature in the body, and a request is given to its verifier by its head: give it a route of its own"
                ));
            }
            let later = all.iter().skip(index.saturating_add(1));
            for other in later {
                if other.provider().signature_places().any(|place| places.contains(&place)) {
                    return wrong(format!(
                        "`{name}` and `{}` have their signatures in the same place, so that a request could be for either: give each a route of its own",
                        other.provider().name
                    ));
                }
            }
        }
        Ok(Self { all, choice })
    }

    /// The verifier that a request is for.
    ///
    /// # Errors
    ///
    /// [`RejectionKind::MissingSignature`] if it has no signature of any,
    /// [`RejectionKind::AmbiguousSender`] if it has those of several.
    pub fn pick(&self, head: &Parts) -> Result<&Verifier, Rejection> {
        if let [only] = self.all.as_slice() {
            return Ok(only);
        }
        let mut addressed = self.all.iter().filter(|verifier| verifier.is_addressed(head));
        let Some(first) = addressed.next() else {
            // It refuses whatever is not its own setup request.
            let setup = self.all.iter().find(|verifier| verifier.awaits_unsigned_post(head));
            return setup.ok_or_else(|| RejectionKind::MissingSignature.into());
        };
        if self.choice == Choice::Refuse && addressed.next().is_some() {
            return Err(RejectionKind::AmbiguousSender.into());
        }
        Ok(first)
    }

    #[cfg(feature = "tokio")]
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Verifier> {
        self.all.iter()
    }
}
