//! Settings that administrators change while the server runs: the quotas. What was changed is kept in the database, counts
//! instead of the file and the environment, and reaches every instance within seconds.

use std::sync::{PoisonError, RwLock};

use crate::domain::account::Action;
use crate::store::{Conn, audit, changed_settings};

use super::quota::Quotas;
use super::{Caller, Failure, Site};

const NAMES: [&str; 3] = ["QUOTA_OPEN_BOOKINGS", "QUOTA_HOURS_PER_DAY", "QUOTA_DAYS_AHEAD"];

/// The quotas in force, and what the file and the environment say.
pub struct Changeable {
    given: Quotas,
    in_force: RwLock<Quotas>,
}

impl Changeable {
    /// As the file and the environment say.
    #[must_use]
    pub fn new(given: Quotas) -> Self {
        Self { given, in_force: RwLock::new(given) }
    }

    /// The quotas in force.
    #[must_use]
    pub fn quotas(&self) -> Quotas {
        *self.in_force.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, quotas: Quotas) {
        *self.in_force.write().unwrap_or_else(PoisonError::into_inner) = quotas;
    }
}

/// As the settings have it: 0 for any number.
fn texts(quotas: Quotas) -> [String; 3] {
    [quotas.open_bookings, quotas.hours_per_day, quotas.days_ahead].map(|most| most.unwrap_or_default().to_string())
}

fn told(quotas: Quotas) -> String {
    let [open, hours, days] = texts(quotas);
    serde_json::json!({NAMES[0]: open, NAMES[1]: hours, NAMES[2]: days}).to_string()
}

/// Reads what was changed, here or by another instance.
///
/// # Errors
/// When the storage broke.
pub async fn load(site: &Site) -> Result<(), Failure> {
    let changed = site.store.read(async |conn| changed_settings::all(conn).await).await?;
    site.changeable.put(with(site.changeable.given, &changed));
    Ok(())
}

fn with(given: Quotas, changed: &[(String, String)]) -> Quotas {
    let mut quotas = given;
    for (name, value) in changed {
        // What a later version wrote and this one does not know is passed over.
        let Ok(most) = value.parse::<u16>() else { continue };
        let most = (most > 0).then_some(most);
        match name.as_str() {
            "QUOTA_OPEN_BOOKINGS" => quotas.open_bookings = most,
            "QUOTA_HOURS_PER_DAY" => quotas.hours_per_day = most,
            "QUOTA_DAYS_AHEAD" => quotas.days_ahead = most,
            _ => {}
        }
    }
    quotas
}

/// The quotas in force, and whether they were changed while the server ran.
///
/// # Errors
/// [`super::Refusal::Forbidden`].
pub async fn quotas(site: &Site, caller: &Caller) -> Result<(Quotas, bool), Failure> {
    site.authorise(caller, Action::ManageSettings).await?;
    let in_force = site.changeable.quotas();
    Ok((in_force, in_force != site.changeable.given))
}

/// Changes the quotas, or goes back to those of the file and the environment. Bookings that stand are left alone.
///
/// # Errors
/// [`super::Refusal::Forbidden`].
pub async fn change_quotas(site: &Site, caller: &Caller, wanted: Option<Quotas>) -> Result<(), Failure> {
    site.authorise(caller, Action::ManageSettings).await?;
    let (now, caller, given) = (site.clock.now(), caller.clone(), site.changeable.given);
    let changed = site.store.write(async move |conn| {
        let before = with(given, &changed_settings::all(conn).await?);
        keep(conn, wanted, now).await?;
        let mut entry = caller.entry(now, "settings.change", "settings:quotas".to_owned());
        (entry.before, entry.after) = (Some(told(before)), Some(told(wanted.unwrap_or(given))));
        audit::append(conn, entry).await?;
        Ok::<_, Failure>(())
    });
    changed.await?;
    load(site).await
}

async fn keep(conn: &mut Conn<'_>, wanted: Option<Quotas>, now: i64) -> Result<(), Failure> {
    let Some(wanted) = wanted else { return Ok(changed_settings::forget(conn).await?) };
    for (name, value) in NAMES.iter().zip(texts(wanted)) {
        changed_settings::set(conn, name, &value, now).await?;
    }
    Ok(())
}
