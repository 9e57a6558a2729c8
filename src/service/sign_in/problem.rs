//! Why a provider's word was not taken: what the caller hears, and the cause for the log.

use std::error::Error;
use std::fmt::Display;

use openidconnect::core::CoreErrorResponseType;
use openidconnect::{ClaimsVerificationError, DiscoveryError, RequestTokenError, StandardErrorResponse};

use super::super::Refusal;
use super::client::NoAnswer;

/// Causes are cut after so many characters: a provider may have written them.
const LONGEST_CAUSE: usize = 300;

/// A refusal with its cause. The cause names no token, no code and nobody's data.
#[derive(Debug)]
pub(super) struct Problem {
    pub refusal: Refusal,
    pub cause: String,
}

impl Problem {
    /// The provider does not answer, or not as it should.
    pub(super) fn provider(cause: impl Display) -> Self {
        Self { refusal: Refusal::ProviderUnavailable, cause: printable(&cause.to_string()) }
    }

    /// The sign-in is not good.
    pub(super) fn sign_in(cause: impl Display) -> Self {
        Self { refusal: Refusal::SignInFailed, cause: printable(&cause.to_string()) }
    }

    /// The ID token is not good.
    #[expect(clippy::needless_pass_by_value, reason = "it is passed as a function")]
    pub(super) fn token(error: ClaimsVerificationError) -> Self {
        Self::sign_in(chain(&error))
    }
}

/// Discovery failed.
pub(super) fn discovery(error: DiscoveryError<NoAnswer>) -> Problem {
    match error {
        // What cannot be parsed is not repeated.
        DiscoveryError::Parse(error) => Problem::provider(format!("its answer cannot be read at `{}`", error.path())),
        DiscoveryError::Response(status, _, _) => Problem::provider(format!("it answered with status {status}")),
        error => Problem::provider(chain(&error)),
    }
}

/// Exchanging the code failed.
pub(super) fn exchange(error: RequestTokenError<NoAnswer, StandardErrorResponse<CoreErrorResponseType>>) -> Problem {
    match error {
        RequestTokenError::ServerResponse(answer) => match answer.error() {
            CoreErrorResponseType::InvalidGrant => Problem::sign_in("the provider says: invalid_grant"),
            // Our settings and theirs do not fit together, or it is out of order.
            other => Problem::provider(format!("the token endpoint says: {}", other.as_ref())),
        },
        RequestTokenError::Parse(error, _) => {
            Problem::provider(format!("the token endpoint's answer cannot be read at `{}`", error.path()))
        }
        error => Problem::provider(chain(&error)),
    }
}

/// An error with the errors behind it.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}

fn printable(text: &str) -> String {
    text.chars().take(LONGEST_CAUSE).flat_map(char::escape_debug).collect()
}
