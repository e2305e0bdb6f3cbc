//! What stands behind `--` on the command line.

use std::error::Error;

use tower_webhooks::providers;

use crate::store;

pub(crate) const USAGE: &str = "usage: cargo run --example receiver -- [OPTIONS]

--provider NAME  print a signed `curl` line for this provider
--all            print one for every provider
--config FILE    the endpoints of a configuration file, TOML or JSON, instead of all providers
--diagnose       say of each refused request what would have to be different
--store STORE    where processed events are remembered: `memory`, `sqlite:PATH`, `postgres://…` or
                 `redis://…`; by default `sqlite:webhooks.db`
--port PORT      on 127.0.0.1, by default 8080 or the variable PORT; 0 for any that is free
--help           this text

WEBHOOK_SECRET_STRIPE is Stripe's secret instead of a public demo secret, and so for each provider";

pub(crate) struct Arguments {
    pub(crate) port: u16,
    pub(crate) config: Option<String>,
    pub(crate) diagnose: bool,
    pub(crate) store: String,
    pub(crate) show: Show,
    pub(crate) help: bool,
}

/// For which providers `curl` lines are printed at the start.
pub(crate) enum Show {
    /// Stripe.
    One,
    Provider(String),
    All,
}

impl Arguments {
    pub(crate) fn read(
        mut arguments: impl Iterator<Item = String>,
    ) -> Result<Self, Box<dyn Error>> {
        let mut port = std::env::var("PORT").unwrap_or("8080".into());
        let (mut config, mut diagnose, mut help) = (None, false, false);
        let mut show = Show::One;
        let mut store = store::USUAL.to_owned();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--port" => port = arguments.next().ok_or(USAGE)?,
                "--config" => config = Some(arguments.next().ok_or(USAGE)?),
                "--diagnose" => diagnose = true,
                "--all" => show = Show::All,
                "--provider" => {
                    let name = arguments.next().ok_or(USAGE)?;
                    let provider = providers::find(&name);
                    let provider =
                        provider.ok_or_else(|| format!("--provider: `{name}` is not known"))?;
                    show = Show::Provider(provider.name().to_owned());
                }
                "--help" | "-h" => help = true,
                "--store" => store = arguments.next().ok_or(USAGE)?,
                unknown => return Err(format!("{unknown} is unknown\n\n{USAGE}").into()),
            }
        }
        let port = port.parse().map_err(|_| format!("`{port}` is not a port"))?;
        Ok(Self { port, config, diagnose, store, show, help })
    }
}
