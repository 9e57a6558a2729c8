//! Hikvision: ISAPI 2.0 `EventNotificationAlert`, with the fields that DS-TCG and iDS cameras fill.

use jari::camera::{Direction, Format};

use super::{AT, Payload, Seen, form, json, local, plate_picture, scene_picture, some};

const HIKVISION: &str = "http://www.hikvision.com/ver20/XMLSchema";
const ISAPI: &str = "http://www.isapi.org/ver20/XMLSchema";
const UUID: &str = "0d1f4c3a-1dd2-11b2-9d5c-240f9b8a1c77";

fn alert(namespace: &str, time: &str, more: &str, anpr: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<EventNotificationAlert version="2.0" xmlns="{namespace}">
<ipAddress>192.0.2.64</ipAddress><portNo>80</portNo><protocol>HTTP</protocol>
<macAddress>24:0f:9b:8a:1c:77</macAddress><channelID>1</channelID>
<dateTime>{time}</dateTime><activePostCount>1</activePostCount>
<eventType>ANPR</eventType><eventState>active</eventState><eventDescription>ANPR</eventDescription>
<channelName>Bay gate</channelName>{more}
{anpr}
<UUID>{UUID}</UUID><picNum>2</picNum></EventNotificationAlert>"#
    )
}

fn anpr(plate: &str, rest: &str) -> String {
    format!(
        "<ANPR><country>21</country><licensePlate>{plate}</licensePlate><line>1</line>{rest}\
         <plateType>unknown</plateType><plateColor>white</plateColor><vehicleType>vehicle</vehicleType>\
         <vehicleInfo><index>1</index><color>white</color></vehicleInfo>\
         <pictureInfoList><pictureInfo><fileName>licensePlatePicture.jpg</fileName>\
         <plateRect><X>10</X><Y>20</Y><width>30</width><height>10</height></plateRect></pictureInfo></pictureInfoList>\
         </ANPR>"
    )
}

fn xml(name: &'static str, body: String, reads: Vec<Seen>) -> Payload {
    Payload {
        name,
        content_type: "application/xml; charset=\"UTF-8\"",
        body: body.into_bytes(),
        format: Format::Hikvision,
        heartbeat: false,
        reads,
    }
}

fn seen() -> Seen {
    Seen {
        event: some(UUID),
        text: some("12가3456"),
        confidence: Some(970),
        taken: jari::camera::Taken::Instant(AT),
        device: some("Bay gate"),
        ..Seen::nothing()
    }
}

const SURE: &str = "<direction>forward</direction><confidenceLevel>97</confidenceLevel>\
                    <plateCharBelieve>99,98,97,99,99,96,99</plateCharBelieve>";
const TIME: &str = "2026-04-01T10:00:00+09:00";

fn parts<'a>(alert: &'a str, plate: &'a [u8], scene: &'a [u8]) -> [(&'static str, &'a [u8]); 3] {
    [
        (
            "Content-Disposition: form-data; name=\"anpr.xml\"; filename=\"anpr.xml\"\r\nContent-Type: text/xml\r\n\
          Content-Length: 1",
            alert.as_bytes(),
        ),
        (
            "Content-Disposition: form-data; name=\"licensePlatePicture.jpg\"; filename=\"licensePlatePicture.jpg\"\r\n\
          Content-Type: image/jpeg",
            plate,
        ),
        (
            "Content-Disposition: form-data; name=\"detectionPicture.jpg\"; filename=\"detectionPicture.jpg\"\r\n\
          Content-Type: image/jpeg",
            scene,
        ),
    ]
}

pub fn all() -> Vec<Payload> {
    [plain_alerts(), forms(), odd_alerts(), other_kinds()].into_iter().flatten().collect()
}

fn full() -> Seen {
    Seen { direction: Some(Direction::Approaching), characters: vec![99, 98, 97, 99, 99, 96, 99], ..seen() }
}

fn plain() -> String {
    alert(HIKVISION, TIME, "", &anpr("12가3456", SURE))
}

fn plain_alerts() -> Vec<Payload> {
    let plain = plain();
    let prefixed = plain
        .replace("<EventNotificationAlert", "<h:EventNotificationAlert xmlns:h=\"urn:x\"")
        .replace("</EventNotificationAlert", "</h:EventNotificationAlert")
        .replace("<ANPR>", "<h:ANPR>")
        .replace("</ANPR>", "</h:ANPR>");
    vec![
        xml("bare XML", plain.clone(), vec![full()]),
        xml("bare XML in the other namespace", alert(ISAPI, TIME, "", &anpr("12가3456", SURE)), vec![full()]),
        xml("bare XML with prefixes", prefixed, vec![full()]),
        xml("a byte order mark before, a zero after", format!("\u{feff}{plain}\r\n\0"), vec![full()]),
    ]
}

fn forms() -> Vec<Payload> {
    let (plate, scene) = (plate_picture(), scene_picture());
    let with_pictures = Seen { pictures: [plate.len(), scene.len()], ..full() };
    let plain = plain();
    let plain_form = form("boundary", &parts(&plain, &plate, &scene));
    let replaced = |from: &str, to: &str| -> Vec<u8> {
        let mut body = plain_form.clone();
        let mut at = 0;
        while let Some(found) = body[at..].windows(from.len()).position(|window| window == from.as_bytes()) {
            body.splice(at + found..at + found + from.len(), to.bytes());
            at += found + to.len();
        }
        body
    };
    let as_form = |name, content_type, body| Payload {
        content_type,
        body,
        ..xml(name, String::new(), vec![with_pictures.clone()])
    };
    let without_end = plain_form[..plain_form.len() - "--boundary--\r\n".len()].to_vec();
    vec![
        as_form("a form with two pictures", "multipart/form-data; boundary=boundary", plain_form.clone()),
        as_form(
            "a boundary in quotation marks",
            "multipart/form-data; charset=utf-8; boundary=\"boundary\"",
            plain_form.clone(),
        ),
        as_form(
            "a declared boundary that is not in the body",
            "multipart/form-data; boundary=MIME",
            plain_form.clone(),
        ),
        as_form("a form that declares itself XML", "application/xml", plain_form.clone()),
        as_form("lines that end in newlines alone", "multipart/form-data; boundary=boundary", replaced("\r\n", "\n")),
        as_form(
            "lines that end the wrong way round",
            "multipart/form-data; boundary=boundary",
            replaced("--boundary\r\n", "--boundary\n\r"),
        ),
        as_form("a last boundary that is missing", "multipart/form-data; boundary=boundary", without_end),
        as_form(
            "pictures whose last line does not end",
            "multipart/form-data; boundary=boundary",
            replaced("\r\n--boundary", "--boundary"),
        ),
    ]
}

fn odd_alerts() -> Vec<Payload> {
    vec![
        xml(
            "a picture sent again, of a car without a plate",
            alert(
                ISAPI,
                TIME,
                "<isDataRetransmission>true</isDataRetransmission>",
                &anpr(
                    "unknown",
                    "<direction>unknown</direction><confidenceLevel>0</confidenceLevel><plateCharBelieve>0</plateCharBelieve>",
                ),
            ),
            vec![Seen { text: None, confidence: Some(0), retransmission: true, ..seen() }],
        ),
        xml(
            "an empty plate, the wall clock, going away",
            alert(
                HIKVISION,
                "2026-04-01T10:00:00",
                "",
                &anpr("", "<direction>reverse</direction><confidenceLevel></confidenceLevel>"),
            ),
            vec![Seen {
                text: None,
                confidence: None,
                direction: Some(Direction::Leaving),
                taken: local("2026-04-01T10:00:00"),
                ..seen()
            }],
        ),
        xml(
            "decomposed Hangul as character references, too few character confidences",
            alert(
                HIKVISION,
                TIME,
                "",
                &anpr(
                    "12&#x1100;&#4449;3456",
                    "<confidenceLevel>97</confidenceLevel><plateCharBelieve>99,98</plateCharBelieve>",
                ),
            ),
            vec![seen()],
        ),
        xml(
            "two plates in one alert",
            alert(
                HIKVISION,
                TIME,
                "",
                &(anpr("12가3456", SURE) + &anpr("<![CDATA[34나5678]]>", "<confidenceLevel>55</confidenceLevel>")),
            ),
            vec![
                Seen { event: Some(format!("{UUID}/1")), ..full() },
                Seen { event: Some(format!("{UUID}/2")), text: some("34나5678"), confidence: Some(550), ..seen() },
            ],
        ),
    ]
}

fn other_kinds() -> Vec<Payload> {
    let plain = plain();
    vec![
        json(
            "JSON with a small letter in the name",
            Format::Hikvision,
            r#"{"ipAddress":"192.0.2.64","channelID":"1","dateTime":"2026-04-01T10:00:00+09:00","activePostCount":"157",
                "eventType":"ANPR","eventState":"active","channelName":"Bay gate",
                "aNPR":{"licensePlate":"12가3456","line":"1","confidenceLevel":"97","plateColor":"blue"},
                "UUID":"0d1f4c3a-1dd2-11b2-9d5c-240f9b8a1c77","picNum":"1"}"#,
            vec![seen()],
        ),
        Payload {
            heartbeat: true,
            ..xml(
                "nothing happens",
                plain
                    .replace("ANPR</eventType>", "videoloss</eventType>")
                    .replace("active</eventState>", "inactive</eventState>")
                    .replace(&anpr("12가3456", SURE), ""),
                Vec::new(),
            )
        },
        xml(
            "an event of another kind",
            plain.replace("ANPR</eventType>", "VMD</eventType>").replace(&anpr("12가3456", SURE), ""),
            Vec::new(),
        ),
    ]
}
