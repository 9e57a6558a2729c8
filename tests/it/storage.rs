//! The store on both engines: what a transaction promises, migrations, and what the keys refuse.

use std::sync::Arc;

use jari::store::{DbError, Failure, NoRefusal, Val};

use crate::harness::{Database, Engine, NOW, both_engines};

type Refused = Failure<&'static str>;

both_engines! {
    async fn a_unit_that_is_refused_changes_nothing_and_its_neighbours_stay(engine: Engine) {
        let database = Database::create(engine).await;
        let store = database.store().await;
        store.migrate(NOW).await.unwrap();
        let units = (0..40).map(|number| {
            let store = store.clone();
            tokio::spawn(async move {
                let name = format!("bay {number}");
                store.write(async move |conn| {
                    conn.exec("INSERT INTO bays (name) VALUES ($1)", &[Val::from(&name)]).await?;
                    if number % 4 == 0 { Err(Refused::Refused("every fourth")) } else { Ok(()) }
                }).await
            })
        });
        let mut refused = 0;
        for unit in units.collect::<Vec<_>>() {
            refused += usize::from(matches!(unit.await.unwrap(), Err(Failure::Refused("every fourth"))));
        }
        assert_eq!(refused, 10);
        let stored = store.read(async |conn| conn.one("SELECT COUNT(*) FROM bays", &[], |row| row.int(0)).await).await;
        assert_eq!(stored.unwrap(), Some(30));
    }

    async fn a_unit_that_panics_fails_alone(engine: Engine) {
        let database = Database::create(engine).await;
        let store = database.store().await;
        store.migrate(NOW).await.unwrap();
        let panicking = {
            let store = store.clone();
            tokio::spawn(async move {
                store.write(async |conn| {
                    conn.exec("INSERT INTO bays (name) VALUES ('lost')", &[]).await?;
                    assert!(conn.exec("SELECT 1", &[]).await.is_err() && conn.exec("SELECT 2", &[]).await.is_ok(), "on purpose");
                    Ok::<_, NoRefusal>(())
                }).await
            })
        };
        // On SQLite the writer catches it; on PostgreSQL it is the caller's own task that ends.
        assert!(!matches!(panicking.await, Ok(Ok(()))));
        store.write(async |conn| {
            conn.exec("INSERT INTO bays (name) VALUES ('kept')", &[]).await?;
            Ok::<_, NoRefusal>(())
        }).await.unwrap();
        let names = store.read(async |conn| conn.all("SELECT name FROM bays", &[], |row| row.text(0)).await).await;
        assert_eq!(names.unwrap(), ["kept"]);
    }

    async fn parameters_are_bound_by_the_number_in_their_name(engine: Engine) {
        let database = Database::create(engine).await;
        let store = database.store().await;
        let answer = store.read(async |conn| {
            conn.one(
                "SELECT CAST($3 AS BIGINT), CAST($1 AS BIGINT), CAST($2 AS TEXT), CAST($1 AS BIGINT)",
                &[Val::from(1), Val::from("two"), Val::from(3)],
                |row| Ok((row.int(0)?, row.int(1)?, row.text(2)?, row.int(3)?)),
            ).await
        }).await;
        assert_eq!(answer.unwrap(), Some((3, 1, "two".to_owned(), 1)));
    }

    async fn a_statement_without_its_values_is_a_fault_and_not_a_null(engine: Engine) {
        let database = Database::create(engine).await;
        let store = database.store().await;
        let answer = store.read(async |conn| conn.one("SELECT CAST($2 AS BIGINT), CAST($1 AS BIGINT)", &[Val::from(1)], |row| row.int(0)).await).await;
        assert!(answer.is_err());
    }

    async fn several_instances_migrate_at_once_and_again(engine: Engine) {
        let database = Database::create(engine).await;
        let mut instances = Vec::new();
        for _ in 0..4 {
            let store = database.store().await;
            instances.push(tokio::spawn(async move { store.migrate(NOW).await.unwrap() }));
        }
        let mut from = Vec::new();
        for instance in instances {
            from.push(instance.await.unwrap().from);
        }
        from.sort_unstable();
        assert_eq!(from, [0, 1, 1, 1], "one migrates, the others wait and find it done");
    }

    async fn a_database_of_a_later_version_is_left_alone(engine: Engine) {
        let database = Database::create(engine).await;
        let store = database.store().await;
        store.migrate(NOW).await.unwrap();
        store.write(async |conn| {
            conn.exec("INSERT INTO schema_migrations (version, name, applied_at) VALUES (9999, 'later', 0)", &[]).await?;
            Ok::<_, NoRefusal>(())
        }).await.unwrap();
        let error = store.migrate(NOW).await.unwrap_err().to_string();
        assert!(error.contains("9999") && error.contains("later jari"), "{error}");
    }

    async fn a_database_of_the_earlier_server_is_left_alone(engine: Engine) {
        let database = Database::create(engine).await;
        let store = database.store().await;
        store.write(async |conn| Ok::<_, NoRefusal>(conn.script("CREATE TABLE charging_sessions (id BIGINT)").await?)).await.unwrap();
        let error = store.migrate(NOW).await.unwrap_err().to_string();
        assert!(error.contains("earlier server"), "{error}");
        let tables = store.read(async |conn| conn.exec("SELECT id FROM charging_sessions", &[]).await).await;
        assert!(tables.is_ok() || matches!(tables, Err(DbError::Broken(_))));
        assert!(store.read(async |conn| conn.one("SELECT version FROM schema_migrations", &[], |row| row.int(0)).await).await.is_err());
    }

    async fn a_snapshot_sees_one_moment(engine: Engine) {
        let database = Arc::new(Database::create(engine).await);
        let store = database.store().await;
        store.migrate(NOW).await.unwrap();
        let beside = Arc::clone(&database);
        let counts = store.snapshot(async move |conn| {
            let before = conn.one("SELECT COUNT(*) FROM bays", &[], |row| row.int(0)).await?;
            // Another thread writes and is answered before the second statement of this snapshot.
            let written = std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(async {
                    let store = beside.store().await;
                    store.write(async |conn| {
                        conn.exec("INSERT INTO bays (name) VALUES ('meanwhile')", &[]).await?;
                        Ok::<_, NoRefusal>(())
                    }).await.unwrap();
                });
            });
            written.join().unwrap();
            let after = conn.one("SELECT COUNT(*) FROM bays", &[], |row| row.int(0)).await?;
            Ok((before, after))
        }).await.unwrap();
        assert_eq!(counts, (Some(0), Some(0)));
    }
}

#[tokio::test]
async fn a_unit_that_waits_for_something_else_fails_alone_on_sqlite() {
    let database = Database::create(Engine::Sqlite).await;
    let store = database.store().await;
    store.migrate(NOW).await.unwrap();
    let waited = store
        .write(async |conn| {
            conn.exec("INSERT INTO bays (name) VALUES ('lost')", &[]).await?;
            tokio::task::yield_now().await;
            Ok::<_, NoRefusal>(())
        })
        .await;
    assert!(matches!(waited, Err(Failure::Db(DbError::Broken(_)))), "{waited:?}");
    let count = store.read(async |conn| conn.one("SELECT COUNT(*) FROM bays", &[], |row| row.int(0)).await).await;
    assert_eq!(count.unwrap(), Some(0));
}

#[tokio::test]
async fn sqlite_commits_to_the_disk_and_keeps_its_plans() {
    let database = Database::create(Engine::Sqlite).await;
    let store = database.store().await;
    store.migrate(NOW).await.unwrap();
    let read = |sql: &'static str| {
        let store = store.clone();
        async move {
            let written =
                store.write(async move |conn| Ok::<_, NoRefusal>(conn.one(sql, &[], |row| row.int(0)).await?));
            written.await.unwrap().unwrap()
        }
    };
    assert_eq!(read("SELECT synchronous FROM pragma_synchronous").await, 2, "FULL");
    assert_eq!(read("SELECT foreign_keys FROM pragma_foreign_keys").await, 1);
    let mode = store.read(async |conn| conn.one("PRAGMA journal_mode", &[], |row| row.text(0)).await).await;
    assert_eq!(mode.unwrap().as_deref(), Some("wal"));
}
