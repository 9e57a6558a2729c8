//! The program. Everything is in the library; this hands it the arguments and the environment.

use std::process::ExitCode;

fn main() -> ExitCode {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    let environment: Vec<_> = std::env::vars_os().collect();
    jari::cli::main(std::env::args_os(), &environment)
}
