//! TLS of our own: a certificate and its key, read from two files, and read again when they change.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{Error as RustlsError, InconsistentKeys, ServerConfig};
use sha2::{Digest as _, Sha256};
use tokio_rustls::TlsAcceptor;

/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_mins(1);

/// How long a client may take to shake hands.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// What connections are encrypted with.
pub struct Tls {
    /// How often the files are looked at; tests look more often.
    pub look_every: Duration,
    /// How long a client may take to shake hands; tests wait less.
    pub handshake_timeout: Duration,
    certificate: PathBuf,
    key: PathBuf,
    in_force: Arc<InForce>,
    /// The hash of what the files held when they were last looked at.
    seen: Mutex<[u8; 32]>,
    config: Arc<ServerConfig>,
}

/// Why two files are no certificate with its key.
#[derive(Debug, thiserror::Error)]
pub enum TlsProblem {
    /// A file cannot be read.
    #[error("{0} cannot be read: {1}")]
    Unreadable(PathBuf, std::io::Error),
    /// There is no certificate in the file.
    #[error("{0} holds no certificate (PEM, `BEGIN CERTIFICATE`)")]
    NoCertificate(PathBuf),
    /// There is no private key in the file.
    #[error("{0} holds no private key without a password (PEM, `BEGIN PRIVATE KEY`)")]
    NoKey(PathBuf),
    /// The key is another certificate's.
    #[error("the key in {0} is not that of the certificate in {1}")]
    Unfitting(PathBuf, PathBuf),
    /// The library cannot use them.
    #[error("the certificate in {0} cannot be used: {1}")]
    Unusable(PathBuf, RustlsError),
}

impl Tls {
    /// Reads a certificate, with those between it and its authority, and its key.
    ///
    /// # Errors
    /// What is wrong with the files.
    pub fn open(certificate: &Path, key: &Path) -> Result<Self, TlsProblem> {
        let read = |path: &Path| std::fs::read(path).map_err(|error| TlsProblem::Unreadable(path.to_owned(), error));
        let (chain, secret) = (read(certificate)?, read(key)?);
        let certified = certified((certificate, &chain), (key, &secret))?;
        let in_force = Arc::new(InForce(RwLock::new(Arc::new(certified))));
        let unusable = |error| TlsProblem::Unusable(certificate.to_owned(), error);
        // TLS 1.2 and 1.3, the suites that the library recommends; 1.1 and older it does not know.
        let mut config = ServerConfig::builder_with_provider(Arc::new(provider()))
            .with_safe_default_protocol_versions()
            .map_err(unusable)?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&in_force) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            look_every: LOOK_EVERY,
            handshake_timeout: HANDSHAKE_TIMEOUT,
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            in_force,
            seen: Mutex::new(hash(&chain, &secret)),
            config: Arc::new(config),
        })
    }

    /// Shakes hands with clients.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.config))
    }

    /// When the certificate in force ends, UTC seconds; `None` when it does not say it as certificates do.
    #[must_use]
    pub fn ends_at(&self) -> Option<i64> {
        not_after(self.in_force.get().cert.first()?)
    }

    /// Whether everybody on the machine can read the key.
    #[must_use]
    pub fn key_is_open(&self) -> bool {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::metadata(&self.key).is_ok_and(|file| file.permissions().mode() & 0o004 != 0)
    }

    /// Looks at the files from time to time, for ever. Connections that are open stay as they are; later ones get the
    /// new certificate.
    pub(super) async fn keep_up(&self) {
        loop {
            tokio::time::sleep(self.look_every).await;
            match self.look().await {
                Ok(false) => {}
                Ok(true) => tracing::info!("the certificate was read anew"),
                Err(problem) => tracing::warn!(
                    cause = %problem,
                    "TLS_CERT and TLS_KEY have changed and cannot be used: the certificate before stays"
                ),
            }
        }
    }

    /// Takes what the files hold now, if that is new; says whether it was. What cannot be used is told once, and what
    /// was in force stays.
    async fn look(&self) -> Result<bool, TlsProblem> {
        let read = async |path: &Path| {
            let read = tokio::fs::read(path).await;
            read.map_err(|error| TlsProblem::Unreadable(path.to_owned(), error))
        };
        let (chain, key) = (read(&self.certificate).await?, read(&self.key).await?);
        let now = hash(&chain, &key);
        if std::mem::replace(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner), now) == now {
            return Ok(false);
        }
        let certified = certified((&self.certificate, &chain), (&self.key, &key))?;
        *self.in_force.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(certified);
        Ok(true)
    }
}

/// The certificate that handshakes get.
#[derive(Debug)]
struct InForce(RwLock<Arc<CertifiedKey>>);

impl InForce {
    fn get(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl ResolvesServerCert for InForce {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.get())
    }
}

fn provider() -> CryptoProvider {
    ring::default_provider()
}

fn hash(chain: &[u8], key: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(Sha256::digest(chain)).chain_update(Sha256::digest(key)).finalize().into()
}

/// The certificate and key of two files, each with its path.
fn certified((chain_path, chain): (&Path, &[u8]), (key_path, key): (&Path, &[u8])) -> Result<CertifiedKey, TlsProblem> {
    let parsed: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(chain).collect();
    let chain = parsed.ok().filter(|chain| !chain.is_empty());
    let chain = chain.ok_or_else(|| TlsProblem::NoCertificate(chain_path.to_owned()))?;
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| TlsProblem::NoKey(key_path.to_owned()))?;
    CertifiedKey::from_der(chain, key, &provider()).map_err(|error| match error {
        RustlsError::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
            TlsProblem::Unfitting(key_path.to_owned(), chain_path.to_owned())
        }
        error => TlsProblem::Unusable(chain_path.to_owned(), error),
    })
}

/// Until when a certificate holds (RFC 5280 §4.1), UTC seconds.
fn not_after(certificate: &[u8]) -> Option<i64> {
    const VERSION: u8 = 0xa0;
    const GENERALIZED_TIME: u8 = 0x18;
    let (_, certificate, _) = element(certificate)?;
    let (_, to_be_signed, _) = element(certificate)?;
    let (tag, _, rest) = element(to_be_signed)?;
    let mut rest = if tag == VERSION { rest } else { to_be_signed };
    // Serial number, algorithm, issuer.
    for _ in 0..3 {
        (_, _, rest) = element(rest)?;
    }
    let (_, validity, _) = element(rest)?;
    let (_, _, rest) = element(validity)?;
    let (tag, end, _) = element(rest)?;
    let end = std::str::from_utf8(end).ok()?;
    let end = match (tag, end.get(..2)?) {
        (GENERALIZED_TIME, _) => end.to_owned(),
        (_, year) if year < "50" => format!("20{end}"),
        _ => format!("19{end}"),
    };
    let end = DateTime::strptime("%Y%m%d%H%M%SZ", end).ok()?;
    Some(end.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second())
}

/// The first element of a DER text: its tag, its content, and what follows it.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
        let longer = |length: usize, digit: &u8| Some(length.checked_mul(256)? + usize::from(*digit));
        (digits.iter().try_fold(0, longer)?, rest)
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_certificate_is_read_in_both_spellings_and_nonsense_has_none() {
        // 2049 is the last year that is written with two digits.
        for (year, end) in [(2026, 1_775_001_600), (2049, 2_500_848_000), (2050, 2_532_384_000)] {
            let mut params = rcgen::CertificateParams::new(vec!["jari.test".to_owned()]).expect("a name");
            params.not_after = rcgen::date_time_ymd(year, 4, 1);
            let key = rcgen::KeyPair::generate().expect("a key");
            let made = params.self_signed(&key).expect("a certificate");
            assert_eq!(not_after(made.der()), Some(end), "{year}");
            for cut in 0..made.der().len() {
                let _ = not_after(&made.der()[..cut]);
            }
        }
        for nonsense in [&[][..], &[0x30], &[0x30, 0xff], &[0x30, 0x88, 255, 255, 255, 255, 255, 255, 255, 255, 1]] {
            assert_eq!(not_after(nonsense), None);
        }
    }
}
