//! The README's minute: its commands, run as they stand there.

use std::process::Command;

use crate::binary::Process;

#[test]
fn the_commands_of_the_readme_do_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let server = Process::start(folder.path(), &[]);
    let readme = include_str!("../../README.md");
    let tested = readme.split("<!-- tested: tests/it/readme.rs runs these commands -->\n```sh\n").nth(1).unwrap();
    let commands = tested.split("```").next().unwrap().replace("http://127.0.0.1:8000", &server.base);
    // Each answer on a line of its own, and the two ids shown.
    let commands = commands.replace("\ncurl ", "\necho; curl ") + "\necho; echo \"me=$ME id=$ID admin=$ADMIN\"";
    let output = Command::new("bash")
        .args(["-euc", &commands])
        .env("PASSWORD", server.first_password().expect("the first start shows a password"))
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    let lines: Vec<&str> = told.lines().filter(|line| !line.is_empty()).collect();
    let [verify, my, day, matched, cancelled, ids] = lines.as_slice() else { panic!("{told}") };
    assert!(verify.contains("\"conflict\":true"), "{verify}");
    assert!(my.contains("\"plate\":\"12가 3456\"") && my.contains("\"status\":\"CONFIRMED\""), "{my}");
    assert!(day.contains("12가**56") && !day.contains("12가 3456"), "{day}");
    assert!(matched.contains("\"match\":true"), "{matched}");
    assert_eq!(*cancelled, "{\"ok\":true}");
    assert!(!ids.contains("me= ") && !ids.contains("id= ") && !ids.ends_with("admin="), "{ids}");
}
