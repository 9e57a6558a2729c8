//! The disk is full.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use reqwest::{Client, Response};
use serde_json::{Value, json};

use super::ledger::list;
use super::process::{Process, disk};
use crate::harness::ADMIN_TOKEN;

/// A small disk of one's own, in memory; unmounted when it is dropped.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount() -> Result<Self, String> {
        let folder = tempfile::Builder::new().prefix("jari-disk-").tempdir_in(disk()).unwrap();
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", "size=3m", "tmpfs"]).arg(folder.path()).output();
        match mount {
            Ok(output) if output.status.success() => Ok(Self(folder)),
            Ok(output) => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    fn filler(&self) -> PathBuf {
        self.0.path().join("filler")
    }

    /// Takes every byte that is left.
    fn fill(&self) {
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(self.filler()).unwrap();
        while file.write(&[7; 4096]).is_ok_and(|written| written > 0) {}
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.path()).status();
    }
}

/// Books the next free half hour.
async fn book(base: &str, number: &mut u32) -> Response {
    let (day, half_hour) = (*number / 48, *number % 48);
    *number += 1;
    let date = jiff::Timestamp::now().in_tz("Asia/Seoul").unwrap().date();
    let date = date.saturating_add(jiff::ToSpan::days(i64::from(day + 2)));
    let end = half_hour + 1;
    let body = json!({"sessionId": 1, "plate": "12가3456", "date": date.to_string(),
        "startTime": format!("{:02}:{:02}", half_hour / 2, half_hour % 2 * 30),
        "endTime": format!("{:02}:{:02}", end / 2, end % 2 * 30)});
    let request = Client::new().post(format!("{base}/api/reservations")).bearer_auth(ADMIN_TOKEN).json(&body);
    request.send().await.unwrap()
}

/// Books until the disk is full: until ten in a row were refused for it. Every other answer is kept.
async fn book_until_full(base: &str, number: &mut u32, kept: &mut Vec<Value>) {
    let mut refused = 0;
    while refused < 10 {
        let answer = book(base, number).await;
        let wait = answer.headers().get("retry-after").cloned();
        match answer.status().as_u16() {
            201 => {
                refused = 0;
                kept.push(answer.json().await.unwrap());
            }
            503 | 507 => {
                refused += 1;
                assert!(wait.is_some(), "no Retry-After");
                let problem: Value = answer.json().await.unwrap();
                assert!(
                    ["storage_full", "storage_unavailable"].contains(&problem["code"].as_str().unwrap()),
                    "{problem}"
                );
                assert!(!problem["detail"].as_str().unwrap().is_empty());
            }
            other => panic!("{other}: {}", answer.text().await.unwrap()),
        }
        assert!(kept.len() < 16_000, "the disk does not fill");
    }
}

/// While the disk is full: reads go on, and everything that was answered is there.
async fn assert_reads(base: &str, kept: &[Value]) {
    let status = async |path: &str| Client::new().get(format!("{base}{path}")).send().await.unwrap().status().as_u16();
    assert_eq!(status("/health").await, 200);
    assert_eq!(status("/health/live").await, 200);
    // A probe that worked is believed for a second.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let ready = status("/health/ready").await;
    assert!(ready == 507 || ready == 503, "ready: {ready}");
    let listed = list(base).await;
    assert_eq!(listed.len(), kept.len(), "as many as were answered");
    for one in kept {
        assert_eq!(listed.get(one["id"].as_str().unwrap()), Some(one));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_writes_and_loses_nothing() {
    let disk = match SmallDisk::mount() {
        Ok(disk) => disk,
        Err(reason) => {
            println!("SKIPPED: a small disk cannot be mounted here ({reason}); run this test as root");
            return;
        }
    };
    let url = format!("sqlite:///{}", disk.path().join("jari.db").display());
    let (mut number, mut kept) = (0, Vec::new());
    let server = Process::start(&url, &[]).unwrap();
    for _ in 0..50 {
        kept.push(book(&server.base, &mut number).await.error_for_status().unwrap().json().await.unwrap());
    }
    disk.fill();
    book_until_full(&server.base, &mut number, &mut kept).await;
    assert_reads(&server.base, &kept).await;

    // It starts while the disk is full, however it ended.
    server.kill();
    disk.fill();
    let server = Process::start(&url, &[]).unwrap();
    disk.fill();
    book_until_full(&server.base, &mut number, &mut kept).await;
    assert_reads(&server.base, &kept).await;
    server.stop();
    disk.fill();
    let server = Process::start(&url, &[]).unwrap();
    book_until_full(&server.base, &mut number, &mut kept).await;
    assert_reads(&server.base, &kept).await;

    // It works again when there is room, without being told.
    std::fs::remove_file(disk.filler()).unwrap();
    let since = Instant::now();
    loop {
        let answer = book(&server.base, &mut number).await;
        if answer.status() == 201 {
            kept.push(answer.json().await.unwrap());
            break;
        }
        assert!(since.elapsed() < Duration::from_secs(30), "it does not come back");
    }
    let back = since.elapsed();
    let ready = Client::new().get(format!("{}/health/ready", server.base)).send().await.unwrap();
    assert_eq!(ready.status(), 200);
    let listed = list(&server.base).await;
    let lost = kept.iter().filter(|one| listed.get(one["id"].as_str().unwrap()) != Some(*one)).count();
    println!(
        "full disk: acknowledged {}, lost or changed: {lost} (0), back after {} ms (1000)",
        kept.len(),
        back.as_millis()
    );
    assert_eq!((lost, listed.len()), (0, kept.len()));
    assert!(server.stop().status.success());
    disk.fill();
    let server = Process::start(&url, &[]).unwrap();
    assert_reads(&server.base, &kept).await;
}
