//! The operations as Lua scripts, each atomic on the one key it is given.

use std::sync::LazyLock;

use redis::{Cmd, cmd};
use sha1::{Digest, Sha1};

pub(super) static CLAIM: LazyLock<Script> =
    LazyLock::new(|| Script::new(concat!(include_str!("record.lua"), include_str!("claim.lua"))));
pub(super) static COMPLETE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(concat!(include_str!("record.lua"), include_str!("complete.lua")))
});
pub(super) static RELEASE: LazyLock<Script> =
    LazyLock::new(|| Script::new(concat!(include_str!("record.lua"), include_str!("release.lua"))));
pub(super) static RENEW: LazyLock<Script> =
    LazyLock::new(|| Script::new(concat!(include_str!("record.lua"), include_str!("renew.lua"))));

/// A script, and the name under which a server that has seen it knows it.
pub(super) struct Script {
    code: &'static str,
    hash: String,
}

impl Script {
    fn new(code: &'static str) -> Self {
        let digest = Sha1::digest(code.as_bytes());
        Self { code, hash: digest.iter().map(|byte| format!("{byte:02x}")).collect() }
    }

    /// Runs it if the server knows it.
    pub(super) fn by_hash(&self, key: &str, arguments: &[&[u8]]) -> Cmd {
        Self::command("EVALSHA", &self.hash, key, arguments)
    }

    /// Runs it, and the server knows it from then on.
    pub(super) fn by_code(&self, key: &str, arguments: &[&[u8]]) -> Cmd {
        Self::command("EVAL", self.code, key, arguments)
    }

    fn command(name: &str, script: &str, key: &str, arguments: &[&[u8]]) -> Cmd {
        let mut command = cmd(name);
        command.arg(script).arg(1).arg(key);
        for argument in arguments {
            command.arg(*argument);
        }
        command
    }
}
