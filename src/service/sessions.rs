//! Logging in and out, and who sends a request.

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::config::{AccessMode, PasswordLogin};
use crate::domain::account::{Account, Action, Actor, Role};
use crate::random;
use crate::store::Conn;
use crate::store::accounts::StoredAccount;
use crate::store::sessions::{self, Owner, Session};
use crate::store::{accounts, audit, second_factors};

use super::second_factor::{self, Proof, Tries};
use super::throttle::{LOGIN_BY_ACCOUNT_AND_ADDRESS, LOGIN_BY_ADDRESS, Limit, RetryAfter};
use super::tokens::{Bearer, TokenUse};
use super::{Caller, Failure, Refusal, Site, first_password, keys};

/// What a request says of who sends it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Credential<'a> {
    /// Nothing.
    None,
    /// `Authorization: Bearer`: a token of a log-in, a machine's key, or the `ADMIN_TOKEN`.
    Bearer(&'a str),
    /// The cookie of our pages.
    Cookie(&'a str),
}

/// Who sends a request. Log-in, account and key are read anew at each request, so an end, a change of role or
/// a revocation works at once.
///
/// # Errors
/// [`Refusal::TokenInvalid`] when there is a credential and it is no good, [`Refusal::TokenOver`] when it was once.
pub async fn actor(
    site: &Site,
    credential: Credential<'_>,
    address: Option<std::net::IpAddr>,
) -> Result<Actor, Failure> {
    let now = site.clock.now();
    let bearer = match credential {
        Credential::None => {
            return Ok(match site.access_mode {
                AccessMode::Accounts => Actor::Anonymous,
                AccessMode::Open => Actor::Open,
            });
        }
        Credential::Bearer(token) if keys::is_key(token) => return keys::actor(site, token, address).await,
        Credential::Bearer(token) => checked(site, token, TokenUse::Access, now),
        Credential::Cookie(token) => checked(site, token, TokenUse::Cookie, now),
    };
    match bearer? {
        Bearer::AdminToken => Ok(Actor::Administrator),
        Bearer::Session(id) => {
            let found = site.store.read(async |conn| sessions::owner_of(conn, &id, now).await).await?;
            let Owner { account, used_at, has_second_factor } = found.ok_or(Refusal::TokenInvalid)?;
            let idle = site.lifetimes.idle(account.role);
            if now - used_at >= idle {
                return Err(Refusal::TokenOver.into());
            }
            if now - used_at >= idle / USES_NOTED && site.throttle.count(USE, &id, now).is_ok() {
                note_use(site, id.clone(), now).await;
            }
            // Read anew as everything else: a rule that was made stricter holds for log-ins from before.
            if !has_second_factor && site.asks_for_second_factor(account.role) {
                return Ok(Actor::Enrolling(account, id));
            }
            Ok(Actor::Account(account, id))
        }
    }
}

/// A use is noted so many times in the time after which an unused log-in ends: each is a write.
const USES_NOTED: i64 = 16;

/// Requests at once need not all note it.
const USE: Limit = Limit { kind: "use", tries: 1, window: 60 };

/// Notes that a log-in is used. Reading goes on while nothing can be written.
async fn note_use(site: &Site, id: String, now: i64) {
    let noted = site.store.write(async move |conn| Ok::<_, Failure>(sessions::note_use(conn, &id, now).await?)).await;
    if let Err(error) = noted {
        tracing::error!(cause = %error, "that a log-in is used could not be noted");
    }
}

fn checked(site: &Site, token: &str, token_use: TokenUse, now: i64) -> Result<Bearer, Refusal> {
    site.tokens.check(token, token_use, now).ok_or_else(|| {
        if site.tokens.is_over(token, token_use, now) { Refusal::TokenOver } else { Refusal::TokenInvalid }
    })
}

/// The log-in that a token or cookie names, if it is one of ours that is not over.
#[must_use]
pub fn named(site: &Site, credential: &Credential<'_>) -> Option<String> {
    let now = site.clock.now();
    let found = match credential {
        Credential::None => None,
        Credential::Bearer(token) => site.tokens.check(token, TokenUse::Access, now),
        Credential::Cookie(token) => site.tokens.check(token, TokenUse::Cookie, now),
    };
    match found? {
        Bearer::Session(id) => Some(id),
        Bearer::AdminToken => None,
    }
}

/// Who may use a log-in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LoginFor {
    /// Everybody with an account.
    Anybody,
    /// Operators and administrators: their token outlives a shift, for clients that never renew it.
    Staff,
}

/// Somebody who logged in, with what says so.
#[derive(Clone, Debug)]
pub struct LoggedIn {
    /// Who.
    pub account: Account,
    /// To be sent as `Authorization: Bearer`.
    pub token: String,
    /// How long the token holds, in seconds.
    pub token_seconds: i64,
    /// Gets a new token, once.
    pub refresh_token: String,
    /// To be set as the cookie of our pages.
    pub cookie: String,
    /// How long the log-in holds, in seconds.
    pub session_seconds: i64,
    /// Whether it may set up a second factor and nothing else.
    pub must_enrol: bool,
}

/// What somebody logs in with.
#[derive(Clone)]
pub struct Credentials {
    /// Lower case.
    pub email: String,
    /// As it was given.
    pub password: String,
    /// A code of the second factor, or a recovery code.
    pub code: Option<String>,
}

/// Logs in with an e-mail and a password, and a code if the account has a second factor.
///
/// # Errors
/// [`Refusal::CredentialsWrong`] for every cause, after the same time; [`Refusal::TooManyTries`]. To whoever has the
/// password [`Refusal::CodeNeeded`] and [`Refusal::CodeWrong`].
pub async fn log_in(
    site: &Site,
    caller: &Caller,
    whom: LoginFor,
    credentials: Credentials,
) -> Result<LoggedIn, Failure> {
    let Credentials { email, password, code } = credentials;
    if email.is_empty() || password.trim().is_empty() {
        return Err(Refusal::CredentialsMissing.into());
    }
    let by_password = site.password_login;
    if by_password == PasswordLogin::Off {
        return Err(Refusal::PasswordLoginOff.into());
    }
    let admits = |role| by_password == PasswordLogin::On || role == Role::Administrator;
    let also = |found: &StoredAccount| whom.admits(found.account.role) && admits(found.account.role);
    let account = prove(site, caller, &email, password, also).await?.account;
    let Some(factor) = second_factor::active(site, &account.id).await? else {
        return start(site, caller, whom, account).await;
    };
    let code = code.ok_or(Refusal::CodeNeeded)?;
    let tries = Tries::count(site, caller, &account)?;
    let done = match second_factor::proof(&factor, &code, site.clock.now()) {
        Some(proof) => start_by(site, caller, whom, account, By::Code(proof)).await,
        None => Err(Refusal::CodeWrong.into()),
    };
    match &done {
        Ok(_) => tries.forgive(site),
        Err(Failure::Refused(Refusal::CodeWrong)) => {
            record_refusal(site, caller, Some(serde_json::json!({"reason": "code"}).to_string())).await?;
        }
        Err(_) => {}
    }
    done
}

/// The account of an e-mail, if the password is its own, it is not disabled, its e-mail is proved where that is asked
/// for, and `also` holds. Every way to try a
/// password goes through here: wrong tries are counted and recorded.
///
/// # Errors
/// [`Refusal::CredentialsWrong`] for every cause, after the same time; [`Refusal::TooManyTries`].
pub(super) async fn prove(
    site: &Site,
    caller: &Caller,
    email: &str,
    password: String,
    also: impl Fn(&StoredAccount) -> bool,
) -> Result<StoredAccount, Failure> {
    let address = caller.counted_address();
    let together = format!("{email} {address}");
    site.count(LOGIN_BY_ADDRESS, &address)?;
    if let Err(refused) = site.count(LOGIN_BY_ACCOUNT_AND_ADDRESS, &together) {
        site.throttle.forgive(LOGIN_BY_ADDRESS, &address);
        return Err(refused);
    }
    let found = site.store.read(async |conn| accounts::find_by_email(conn, email).await).await?;
    let hash = found.as_ref().and_then(|found| found.password_hash.as_deref());
    let fits = site.hasher.verify(password.clone(), hash).await?;
    // Asked of right passwords only: the time that it takes tells nobody else which accounts there are.
    let good = fits && !first_password::is_over(site, found.as_ref()).await?;
    let proved = |found: &StoredAccount| !(site.verifies_emails() && found.is_unproved());
    let admitted = |found: &StoredAccount| good && found.disabled_at.is_none() && proved(found) && also(found);
    let Some(found) = found.filter(admitted) else {
        record_refusal(site, caller, None).await?;
        return Err(Refusal::CredentialsWrong.into());
    };
    site.throttle.forgive(LOGIN_BY_ADDRESS, &address);
    site.throttle.forgive(LOGIN_BY_ACCOUNT_AND_ADDRESS, &together);
    if let Err(error) = renew_hash(site, caller, &found, password).await {
        // The old one is as good as it was.
        tracing::warn!(cause = %error, "an old hash of a password could not be renewed");
    }
    Ok(found)
}

/// Hashes a right password anew if its hash was made with other parameters than are used today (OWASP ASVS 5 V11.2.2).
async fn renew_hash(site: &Site, caller: &Caller, found: &StoredAccount, password: String) -> Result<(), Failure> {
    let Some(old) = found.password_hash.clone().filter(|old| !site.hasher.is_current(old)) else { return Ok(()) };
    let new = site.hasher.hash(password).await?;
    let (now, id, caller) = (site.clock.now(), found.account.id.clone(), caller.clone());
    let renewed = site.store.write(async move |conn| {
        if accounts::renew_hash(conn, &id, &old, &new, now).await? {
            audit::append(conn, caller.entry(now, "account.rehash", format!("account:{id}"))).await?;
        }
        Ok::<_, Failure>(())
    });
    renewed.await
}

impl LoginFor {
    fn admits(self, role: Role) -> bool {
        match self {
            Self::Anybody => true,
            Self::Staff => role != Role::Driver,
        }
    }
}

impl Site {
    pub(super) fn count(&self, limit: super::throttle::Limit, subject: &str) -> Result<(), Failure> {
        let counted = self.throttle.count(limit, subject, self.clock.now());
        counted.map_err(|RetryAfter(seconds)| Refusal::TooManyTries(seconds).into())
    }
}

/// Records a log-in that failed: from where, never for which e-mail, which may be a password typed into the
/// wrong field.
async fn record_refusal(site: &Site, caller: &Caller, after: Option<String>) -> Result<(), Failure> {
    let mut entry = caller.entry(site.clock.now(), "session.refused", "session".to_owned());
    entry.after = after;
    site.store.write(async move |conn| Ok(audit::append(conn, entry.clone()).await?)).await
}

/// What the owner of an account proved who they are with.
#[derive(Clone)]
pub(super) enum By<'a> {
    /// The password alone: not enough where there is a second factor, whichever way leads here.
    Password,
    /// The password, and a code that is used up here.
    Code(Proof),
    /// The word of an identity provider, which asks for what it sees fit.
    Provider(&'a str),
}

impl By<'_> {
    fn second_factor(&self) -> Option<String> {
        match self {
            Self::Password => None,
            Self::Code(_) => Some("code".to_owned()),
            Self::Provider(_) => Some("provider".to_owned()),
        }
    }

    /// What the audit trail says of it.
    fn told(&self) -> Option<String> {
        match self {
            Self::Password => None,
            Self::Code(proof) => Some(serde_json::json!({"secondFactor": proof.name()}).to_string()),
            Self::Provider(provider) => Some(serde_json::json!({"provider": provider}).to_string()),
        }
    }
}

/// Starts a log-in for an account whose owner has given its password.
///
/// # Errors
/// [`Refusal::CodeNeeded`] when it has a second factor.
pub(super) async fn start(site: &Site, caller: &Caller, whom: LoginFor, account: Account) -> Result<LoggedIn, Failure> {
    start_by(site, caller, whom, account, By::Password).await
}

/// Starts a log-in for an account whose owner has proved who they are.
///
/// # Errors
/// [`Refusal::CodeNeeded`] as for [`start`]; [`Refusal::CodeWrong`] when the code was used up before.
pub(super) async fn start_by(
    site: &Site,
    caller: &Caller,
    whom: LoginFor,
    account: Account,
    by: By<'_>,
) -> Result<LoggedIn, Failure> {
    site.pace_log_in(caller, &account)?;
    let now = site.clock.now();
    let secret = random::secret();
    // Whoever may do more is logged in for a shift, by whatever way they came.
    let whom = if account.role == Role::Driver { whom } else { LoginFor::Staff };
    let until = now + site.lifetimes.session(whom);
    let replaced = caller.replaces.clone();
    let session = Session {
        id: random::uuid(&site.clock),
        account: account.id.clone(),
        secret_hash: hash(&secret),
        created_at: now,
        used_at: now,
        expires_at: until,
        address: caller.address.map(|address| address.to_string()),
        user_agent: caller.user_agent.clone(),
        second_factor: by.second_factor(),
    };
    let logged_in = logged_in(site, account, &session, &secret, whom)?;
    let who = Caller { actor: Actor::Account(logged_in.account.clone(), session.id.clone()), ..caller.clone() };
    let (after, by_password) = (by.told(), matches!(by, By::Password));
    let proof = if let By::Code(proof) = by { Some(proof) } else { None };
    let stored = site.store.write(async move |conn| {
        prove_again(conn, &session.account, by_password, proof.as_ref(), &who, now).await?;
        // A new log-in takes the place of the one that was there.
        if let Some(replaced) = &replaced
            && sessions::replace(conn, replaced, now).await?
        {
            audit::append(conn, who.entry(now, "session.end", format!("session:{replaced}"))).await?;
        }
        sessions::insert(conn, &session).await?;
        let mut entry = who.entry(now, "session.start", format!("session:{}", session.id));
        entry.after.clone_from(&after);
        audit::append(conn, entry).await?;
        Ok::<_, Failure>(())
    });
    stored.await?;
    Ok(logged_in)
}

/// Uses up the code of a log-in, or sees to it that none is asked for.
async fn prove_again(
    conn: &mut Conn<'_>,
    account: &str,
    by_password: bool,
    proof: Option<&Proof>,
    who: &Caller,
    now: i64,
) -> Result<(), Failure> {
    if by_password && second_factors::find_active(conn, account).await?.is_some() {
        return Err(Refusal::CodeNeeded.into());
    }
    let Some(proof) = proof else { return Ok(()) };
    second_factor::spend(conn, account, proof).await?;
    if let Proof::Recovery(_) = proof {
        let mut entry = who.entry(now, "second_factor.recovery", format!("account:{account}"));
        let left = second_factors::count_recovery_codes(conn, account).await?;
        entry.after = Some(serde_json::json!({"left": left}).to_string());
        audit::append(conn, entry).await?;
    }
    Ok(())
}

fn logged_in(
    site: &Site,
    account: Account,
    session: &Session,
    secret: &str,
    whom: LoginFor,
) -> Result<LoggedIn, Failure> {
    let now = site.clock.now();
    let token_until = (now + site.lifetimes.token(whom)).min(session.expires_at);
    Ok(LoggedIn {
        token: site.tokens.issue(&account.id, &session.id, TokenUse::Access, now, token_until)?,
        token_seconds: token_until - now,
        refresh_token: format!("{}.{secret}", session.id),
        cookie: site.tokens.issue(&account.id, &session.id, TokenUse::Cookie, now, session.expires_at)?,
        session_seconds: session.expires_at - now,
        must_enrol: session.second_factor.is_none() && site.asks_for_second_factor(account.role),
        account,
    })
}

fn hash(secret: &str) -> String {
    random::hex(&Sha256::digest(secret.as_bytes()))
}

/// Gets a new token for a refresh token, which is used up. One that was used up before shows that somebody
/// else has it: the whole log-in is ended (RFC 9700 §4.14.2).
///
/// # Errors
/// [`Refusal::TokenInvalid`].
pub async fn refresh(site: &Site, caller: &Caller, refresh_token: &str) -> Result<LoggedIn, Failure> {
    let now = site.clock.now();
    let done = rotate(site, caller, refresh_token, now).await;
    if matches!(done, Err(Failure::Refused(Refusal::TokenInvalid))) {
        site.record_attempt(caller, "access.token_refused", None).await;
    }
    done
}

async fn rotate(site: &Site, caller: &Caller, refresh_token: &str, now: i64) -> Result<LoggedIn, Failure> {
    let (id, secret) = refresh_token.split_once('.').ok_or(Refusal::TokenInvalid)?;
    let id = id.to_owned();
    let read = site.store.read(async |conn| {
        let session = sessions::find(conn, &id, now).await?;
        let owner = sessions::owner_of(conn, &id, now).await?;
        Ok(session.zip(owner))
    });
    let (session, Owner { account, used_at, .. }) = read.await?.ok_or(Refusal::TokenInvalid)?;
    if now - used_at >= site.lifetimes.idle(account.role) {
        return Err(Refusal::TokenOver.into());
    }
    let given = hash(secret);
    let new_secret = random::secret();
    let whom = if account.role == Role::Driver { LoginFor::Anybody } else { LoginFor::Staff };
    let answer = logged_in(site, account, &session, &new_secret, whom)?;
    let (caller, new) = (caller.clone(), hash(&new_secret));
    let rotated = site.store.write(async move |conn| {
        let in_force: bool = given.as_bytes().ct_eq(session.secret_hash.as_bytes()).into();
        if in_force && sessions::rotate(conn, &session.id, &given, &new, now).await? {
            return Ok::<_, Failure>(true);
        }
        if sessions::end(conn, &session.account, &session.id, now).await? {
            let entry = caller.entry(now, "session.reuse", format!("session:{}", session.id));
            audit::append(conn, entry).await?;
        }
        Ok(false)
    });
    if rotated.await? { Ok(answer) } else { Err(Refusal::TokenInvalid.into()) }
}

/// Ends the log-in by which the caller came.
///
/// # Errors
/// [`Refusal::LoginRequired`].
pub async fn log_out(site: &Site, caller: &Caller) -> Result<(), Failure> {
    site.authorise(caller, Action::ManageSecondFactor).await?;
    let (account, session) = caller.actor.account().zip(caller.actor.session()).ok_or(Refusal::LoginRequired)?;
    end_own(site, caller, account.clone(), session.to_owned()).await
}

/// One's own log-ins that are neither ended nor over, newest first.
///
/// # Errors
/// [`Refusal::LoginRequired`].
pub async fn list(site: &Site, caller: &Caller) -> Result<Vec<Session>, Failure> {
    let account = own_account(site, caller).await?;
    let now = site.clock.now();
    let (id, used_after) = (account.id, now - site.lifetimes.idle(account.role));
    Ok(site.store.snapshot(async move |conn| sessions::of_account(conn, &id, now, used_after).await).await?)
}

/// How long after a log-in its owner is taken at their word, in seconds: a quarter of an hour.
pub(super) const FRESH: i64 = 15 * 60;

/// Ends one of one's own log-ins. To end another than the one by which the caller came, it must be fresh, or the password
/// must be given: whoever found a device that was left logged in shall not lock its owner out.
///
/// # Errors
/// [`Refusal::SessionNotFound`] also for somebody else's; [`Refusal::LogInAgain`], [`Refusal::CredentialsWrong`].
pub async fn end(site: &Site, caller: &Caller, id: String, password: Option<String>) -> Result<(), Failure> {
    let account = own_account(site, caller).await?;
    let Actor::Account(_, own) = &caller.actor else { return Err(Refusal::LoginRequired.into()) };
    if *own != id {
        let now = site.clock.now();
        if let Some(password) = password {
            prove(site, caller, &account.email, password, |_| true).await?;
        } else {
            let current = site.store.read(async |conn| sessions::find(conn, own, now).await).await?;
            if current.is_none_or(|current| now - current.created_at >= FRESH) {
                return Err(Refusal::LogInAgain.into());
            }
        }
    }
    let ended = end_own(site, caller, account, id).await;
    if matches!(ended, Err(Failure::Refused(Refusal::SessionNotFound))) {
        site.record_attempt(caller, "access.not_own", None).await;
    }
    ended
}

async fn end_own(site: &Site, caller: &Caller, account: Account, id: String) -> Result<(), Failure> {
    let (now, caller) = (site.clock.now(), caller.clone());
    let ended = site.store.write(async move |conn| {
        if !sessions::end(conn, &account.id, &id, now).await? {
            return Err(Failure::from(Refusal::SessionNotFound));
        }
        Ok(audit::append(conn, caller.entry(now, "session.end", format!("session:{id}"))).await?)
    });
    ended.await
}

/// The account that the caller logged in with.
///
/// # Errors
/// [`Refusal::LoginRequired`], [`Refusal::Forbidden`] for keys.
pub(super) async fn own_account(site: &Site, caller: &Caller) -> Result<Account, Failure> {
    site.authorise(caller, Action::ManageOwnAccount).await?;
    Ok(caller.actor.account().ok_or(Refusal::LoginRequired)?.clone())
}
