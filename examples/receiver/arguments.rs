//! What stands behind `--` on the command line.

use std::error::Error;

use crate::store;

const USAGE: &str = "usage: cargo run --example receiver \
    [-- [--config FILE] [--diagnose] [--port 8080] [--store STORE]]";

pub(crate) struct Arguments {
    pub(crate) port: u16,
    pub(crate) config: Option<String>,
    pub(crate) diagnose: bool,
    pub(crate) store: String,
}

impl Arguments {
    pub(crate) fn read(
        mut arguments: impl Iterator<Item = String>,
    ) -> Result<Self, Box<dyn Error>> {
        let mut port = std::env::var("PORT").unwrap_or("8080".into());
        let (mut config, mut diagnose) = (None, false);
        let mut store = store::USUAL.to_owned();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--port" => port = arguments.next().ok_or(USAGE)?,
                "--config" => config = Some(arguments.next().ok_or(USAGE)?),
                "--diagnose" => diagnose = true,
                "--store" => store = arguments.next().ok_or(USAGE)?,
                _ => return Err(USAGE.into()),
            }
        }
        let port = port.parse().map_err(|_| format!("`{port}` is no port"))?;
        Ok(Self { port, config, diagnose, store })
    }
}
