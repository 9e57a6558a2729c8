//! Every way a use case says no.

use serde::{Deserialize, Serialize};

use crate::domain::account::Denied;
use crate::domain::schedule::ScheduleError;
use crate::recognize::{PictureError, RecognizeError};

/// Why something was not done. Nothing was changed.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// Logging in may help.
    LoginRequired,
    /// This account may not.
    Forbidden,
    /// The token is no token of ours, or it is over.
    TokenInvalid,
    /// The token was one of ours and is over.
    TokenOver,
    /// A fresh log-in or the password is needed.
    LogInAgain,
    /// People log in with an identity provider here.
    PasswordLoginOff,
    /// E-mail or password is wrong; nobody learns which.
    CredentialsWrong,
    /// The password is right, and a code of the second factor is asked for.
    CodeNeeded,
    /// The code is wrong, over, or was used before.
    CodeWrong,
    /// The account has a second factor already.
    SecondFactorActive,
    /// There is no second factor, or none that waits for its first code.
    SecondFactorNotFound,
    /// The account must have a second factor before it may do anything else.
    SecondFactorMissing,
    /// E-mail or password is blank.
    CredentialsMissing,
    /// The e-mail has an account.
    EmailTaken,
    /// The password is too short or too long.
    PasswordLength,
    /// The password is soon guessed.
    PasswordGuessable,
    /// Nobody, or not this e-mail, can register.
    RegistrationClosed,
    /// Too many tries; allowed again in so many seconds.
    TooManyTries(i64),
    /// The link was used, is over, or is none.
    LinkInvalid,
    /// There is no such log-in, or it is somebody else's.
    SessionNotFound,
    /// There is no such key.
    KeyNotFound,
    /// There is no such camera, or the key is no camera's.
    CameraNotFound,
    /// Another camera has this name.
    CameraNameTaken,
    /// The camera is switched off.
    CameraOff,
    /// There is no such sighting, or no picture of it.
    SightingNotFound,
    /// A person looked at it already, or nobody needs to.
    SightingReviewed,
    /// No car that is expected is anywhere near what was read.
    NothingToAccept,
    /// There is nothing of this id in quarantine.
    QuarantinedNotFound,
    /// As much as may be kept of what cameras send is not understood.
    QuarantineFull,
    /// There is no such invitation that can still be used.
    InvitationNotFound,
    /// Mails are not set up.
    MailNotConfigured,
    /// There is no such account.
    AccountNotFound,
    /// There is no such identity provider.
    ProviderNotFound,
    /// The identity provider does not answer, or not as it should.
    ProviderUnavailable,
    /// A sign-in with an identity provider is not good, or it is over.
    SignInFailed,
    /// The e-mail is not verified: not by the identity provider, or not by the link in our mail.
    EmailNotVerified,
    /// The e-mail has an account that this identity provider does not open.
    AccountNotLinked,
    /// The account may not log in.
    AccountDisabled,
    /// Nobody would be left who runs the server.
    LastAdministrator,
    /// The account or the car has too many reservations that are not over; the quota.
    QuotaOpenBookings(u16),
    /// The account or the car has too many hours of the day; the quota.
    QuotaHoursPerDay(u16),
    /// The day is further ahead than drivers may reserve; the quota.
    QuotaDaysAhead(u16),
    /// The request comes from a page of another origin.
    CrossOrigin,
    /// Too many log-ins are being checked.
    TooBusy,
    /// Nothing that reads plates is set up.
    RecognizerNotConfigured,
    /// As many pictures are being read as may be.
    RecognizerBusy,
    /// The server that reads plates fails.
    RecognizerFailed,
    /// The server that reads plates takes too long.
    RecognizerTimedOut,
    /// The picture cannot be decoded.
    PictureBroken,
    /// The picture would take too much memory.
    PictureTooManyPixels,
    /// There is no such bay.
    BayNotFound,
    /// The bay takes no new bookings; the operator's reason, if any.
    BayClosed(Option<String>),
    /// Another bay has the name.
    BayNameTaken,
    /// The time is not bookable.
    Schedule(ScheduleError),
    /// Another car has the bay then.
    BayTaken,
    /// This car has another reservation then.
    PlateTaken,
    /// Every open bay is taken then.
    NoBayFree,
    /// There is no such reservation.
    ReservationNotFound,
    /// The reservation is somebody else's; the answer is as if there were none.
    ReservationOfAnother,
    /// The reservation is over.
    ReservationOver,
    /// The reservation is running: its end can be changed, its start and bay cannot.
    ReservationStarted,
    /// Neither an e-mail nor a plate says whose reservations are meant.
    FilterMissing,
}

impl From<Denied> for Refusal {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::LogIn => Self::LoginRequired,
            Denied::Forbidden => Self::Forbidden,
            Denied::SecondFactor => Self::SecondFactorMissing,
        }
    }
}

impl From<RecognizeError> for Refusal {
    fn from(error: RecognizeError) -> Self {
        match error {
            RecognizeError::NotConfigured => Self::RecognizerNotConfigured,
            RecognizeError::Busy => Self::RecognizerBusy,
            RecognizeError::Failed => Self::RecognizerFailed,
            RecognizeError::TimedOut => Self::RecognizerTimedOut,
            RecognizeError::Picture(PictureError::TooManyPixels) => Self::PictureTooManyPixels,
            RecognizeError::Picture(_) => Self::PictureBroken,
        }
    }
}

impl From<ScheduleError> for Refusal {
    fn from(error: ScheduleError) -> Self {
        Self::Schedule(error)
    }
}
