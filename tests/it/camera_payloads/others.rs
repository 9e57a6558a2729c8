//! Milesight, Plate Recognizer, `OpenALPR`, Frigate, Axis and Verkada.

use jari::camera::{Direction, Format, Taken};

use super::{AT, Payload, Seen, form, heartbeat, json, local, plate_picture, scene_picture, some};

pub fn all() -> Vec<Payload> {
    [milesight(), plate_recognizer(), openalpr(), frigate(), axis(), verkada()].into_iter().flatten().collect()
}

fn milesight() -> Vec<Payload> {
    let format = Format::Milesight;
    let seen = Seen {
        event: some("2026-04-01 10:00:00.250/12가3456"),
        text: some("12가3456"),
        confidence: Some(910),
        taken: local("2026-04-01T10:00:00.25"),
        direction: Some(Direction::Approaching),
        device: some("Network Camera"),
        pictures: [plate_picture().len(), scene_picture().len()],
        ..Seen::nothing()
    };
    vec![
        json(
            "everything as texts",
            format,
            r#"{"device":"Network Camera","time":"2026-04-01 10:00:00","time_msec":"2026-04-01 10:00:00.250",
                "plate":"12가3456","type":"White","speed":"-","direction":"Approach","detection_region":"1",
                "region":"KOR","resolution_width":"1920","resolution_height":"1080","coordinate_x1":"812",
                "coordinate_y1":"540","coordinate_x2":"990","coordinate_y2":"600","confidence":"0.91",
                "plate_color":"White","vehicle_type":"Car","vehicle_color":"White","vehicle_brand":"-",
                "plate_image":"%PLATE%","full_image":"%SCENE%"}"#,
            vec![seen.clone()],
        ),
        json(
            "numbers as numbers, thousandths apart, slashes",
            format,
            r#"{"device":"Network Camera","time":"2026/04/01 10:00:00","time_msec":250,"plate":"12가3456",
                "direction":"Away","confidence":91,"plate_image":"data:image/jpeg;base64,%PLATE%"}"#,
            vec![Seen {
                event: None,
                direction: Some(Direction::Leaving),
                pictures: [plate_picture().len(), 0],
                ..seen.clone()
            }],
        ),
        Payload {
            content_type: "text/plain",
            ..json(
                "a car without a plate, declared as text",
                format,
                r#"{"device":"Network Camera","time":"2026-04-01 10:00:00","plate":"","confidence":"-","direction":"Unknown"}"#,
                vec![Seen { taken: local("2026-04-01T10:00:00"), device: some("Network Camera"), ..Seen::nothing() }],
            )
        },
        json(
            "a parking event",
            format,
            r#"{"event":"Parking Detection","device":"Network Camera","time":"2026-04-01 10:00:00","occupancy":"1",
                "report_type":"trigger"}"#,
            Vec::new(),
        ),
    ]
}

const RECOGNITION: &str = r#"{"hook":{"target":"https://example.test/","id":"gate","event":"recognition","filename":"gate/1.jpg"},
    "data":{"camera_id":"gate","filename":"gate/1.jpg","timestamp":"2026-04-01T01:00:00.250000Z",
    "timestamp_local":"2026-04-01 10:00:00.250000+09:00","results":[{"box":{"xmin":1,"ymin":2,"xmax":3,"ymax":4},
    "plate":"9jub11","region":{"code":"gb","score":0.41},"score":0.839,"candidates":[{"score":0.839,"plate":"9jub11"},
    {"plate":"sju88y"}],"dscore":0.44,"vehicle":{"score":0.26,"type":"Sedan"},"direction":210,"position_sec":4}]}}"#;

fn plate_recognizer() -> Vec<Payload> {
    let format = Format::PlateRecognizer;
    let seen = Seen {
        event: some("2026-04-01T01:00:00.250000Z/gate/1.jpg"),
        text: some("9jub11"),
        confidence: Some(839),
        candidates: vec!["9jub11".into(), "sju88y".into()],
        taken: Taken::Instant(AT + 250),
        device: some("gate"),
        ..Seen::nothing()
    };
    let scene = scene_picture();
    let with_picture = form(
        "----------------------------8a1f",
        &[
            ("Content-Disposition: form-data; name=\"json\"", RECOGNITION.as_bytes()),
            ("Content-Disposition: form-data; name=\"upload\"; filename=\"1.jpg\"\r\nContent-Type: image/jpeg", &scene),
        ],
    );
    vec![
        json("a small plate", format, RECOGNITION, vec![seen.clone()]),
        Payload {
            content_type: "multipart/form-data; boundary=--------------------------8a1f",
            body: with_picture,
            ..json(
                "a form whose boundary lacks dashes",
                format,
                "",
                vec![Seen { pictures: [scene.len(), 0], ..seen.clone() }],
            )
        },
        json(
            "Snapshot with two cars and a time in UTC that does not say so",
            format,
            r#"{"hook":{"id":479,"event":"image.done"},"data":{"filename":"car2.jpg","timestamp":"2026-04-01 01:00:00.250000",
                "camera_id":null,"results":[{"plate":"12가3456","score":"0.9"},{"plate":"34나5678","score":0.7,"candidates":null}]}}"#,
            vec![
                Seen {
                    event: some("2026-04-01 01:00:00.250000/car2.jpg/1"),
                    text: some("12가3456"),
                    confidence: Some(900),
                    taken: Taken::Instant(AT + 250),
                    ..Seen::nothing()
                },
                Seen {
                    event: some("2026-04-01 01:00:00.250000/car2.jpg/2"),
                    text: some("34나5678"),
                    confidence: Some(700),
                    taken: Taken::Instant(AT + 250),
                    ..Seen::nothing()
                },
            ],
        ),
        json(
            "no plate was found",
            format,
            r#"{"hook":{"event":"image.done"},"data":{"filename":"a.jpg","timestamp":"2026-04-01T01:00:00Z","results":[]}}"#,
            Vec::new(),
        ),
        json(
            "plates as objects, and a vehicle without one",
            format,
            r#"{"hook":{"event":"recognition"},"data":{"camera_id":"gate","timestamp":"2026-04-01T01:00:00.250Z","filename":"b",
                "results":[{"plate":{"type":"Plate","score":0.93,"props":{"plate":[{"value":"12가3456","score":0.91},
                {"value":"12가3458","score":0.5}]}},"vehicle":{"type":"SUV"}},{"vehicle":{"type":"Bus"},"plate":null}]}}"#,
            vec![
                Seen {
                    event: some("2026-04-01T01:00:00.250Z/b/1"),
                    text: some("12가3456"),
                    confidence: Some(910),
                    candidates: vec!["12가3458".into()],
                    ..Seen { taken: Taken::Instant(AT + 250), device: some("gate"), ..Seen::nothing() }
                },
                Seen {
                    event: some("2026-04-01T01:00:00.250Z/b/2"),
                    taken: Taken::Instant(AT + 250),
                    device: some("gate"),
                    ..Seen::nothing()
                },
            ],
        ),
        heartbeat("a heartbeat", format, r#"{"hook":{"event":"heartbeat"},"data":{"camera_id":"gate"}}"#),
    ]
}

const GROUP: &str = r#"{"data_type":"alpr_group","version":2,"epoch_start":1775005200000,"epoch_end":1775005203000,
    "agent_uid":"A","camera_id":1234,"uuids":["A-1234-1"],"best_uuid":"A-1234-2","best_plate_number":"12가3456",
    "best_confidence":94.25,"best_region":"kr","best_plate":{"plate":"12가3456","confidence":94.25,
    "plate_crop_jpeg":"%PLATE%"},"candidates":[{"plate":"12가3456","confidence":94.25,"matches_template":1},
    {"plate":"12가3458","confidence":75}],"travel_direction":338.2,"is_parked":false,"vehicle_crop_jpeg":"%SCENE%"}"#;

fn openalpr() -> Vec<Payload> {
    let format = Format::OpenAlpr;
    let seen = Seen {
        event: some("A-1234-2"),
        text: some("12가3456"),
        confidence: Some(943),
        candidates: vec!["12가3456".into(), "12가3458".into()],
        taken: Taken::Instant(AT),
        device: some("1234"),
        pictures: [plate_picture().len(), scene_picture().len()],
        ..Seen::nothing()
    };
    let alert =
        format!(r#"{{"data_type":"alpr_alert","camera_name":"gate","plate_number":"12가3456","group":{GROUP}}}"#);
    vec![
        json("a group", format, GROUP, vec![seen.clone()]),
        json("an alert with the group in it", format, &alert, vec![seen.clone()]),
        json(
            "a group with numbers as texts and no id of its own",
            format,
            r#"{"data_type":"alpr_group","epoch_start":"1775005200000","uuids":["A-1"],"camera_name":"gate",
                "best_plate":{"plate":"12가3456","confidence":"94.25"}}"#,
            vec![Seen {
                event: some("A-1"),
                candidates: Vec::new(),
                device: some("gate"),
                pictures: [0, 0],
                ..seen.clone()
            }],
        ),
        json(
            "one of many frames",
            format,
            r#"{"data_type":"alpr_results","results":[{"plate":"12가3456"}]}"#,
            Vec::new(),
        ),
        heartbeat("a heartbeat", format, r#"{"data_type":"heartbeat","agent_uid":"A","timestamp":1775005200000}"#),
    ]
}

fn frigate() -> Vec<Payload> {
    let format = Format::Frigate;
    let seen = Seen {
        event: some("1775005199.5-mxklsc/12가3456"),
        text: some("12가3456"),
        confidence: Some(950),
        taken: Taken::Instant(AT + 500),
        device: some("gate"),
        ..Seen::nothing()
    };
    vec![
        json(
            "an update",
            format,
            r#"{"type":"lpr","id":"1775005199.5-mxklsc","name":"Mina","plate":"12가3456","score":0.95,"camera":"gate",
                "timestamp":1775005200.5,"plate_box":[917,487,1029,529]}"#,
            vec![seen.clone()],
        ),
        json(
            "an event with a plate in it",
            format,
            r#"{"type":"end","before":{"id":"x"},"after":{"id":"1775005199.5-mxklsc","camera":"gate","frame_time":1775005200.5,
                "label":"car","sub_label":null,"recognized_license_plate":"12가3456","recognized_license_plate_score":0.95}}"#,
            vec![seen.clone()],
        ),
        json(
            "an event with plate and score as a pair",
            format,
            r#"{"type":"update","before":{"id":"x"},"after":{"id":"1775005199.5-mxklsc","camera":"gate","frame_time":1775005200.5,
                "recognized_license_plate":["12가3456",0.95]}}"#,
            vec![seen.clone()],
        ),
        json(
            "an event about a person",
            format,
            r#"{"type":"new","before":{"id":"x"},"after":{"id":"x","camera":"gate","label":"person"}}"#,
            Vec::new(),
        ),
        json("an update about a face", format, r#"{"type":"face","id":"x","name":"Mina","score":0.9}"#, Vec::new()),
    ]
}

fn axis() -> Vec<Payload> {
    let format = Format::Axis;
    let hour = AT / 3_600_000;
    let seen = Seen {
        event: Some(format!("{hour}/4521/12가3456")),
        text: some("12가3456"),
        confidence: Some(719),
        taken: Taken::Instant(AT + 250),
        direction: Some(Direction::Approaching),
        device: some("ACCC8E000001"),
        pictures: [plate_picture().len(), scene_picture().len()],
        ..Seen::nothing()
    };
    vec![
        json(
            "numbers as texts, pictures inside",
            format,
            r#"{"packetCounter":"17","datetime":"20260401 100000250","plateUTF8":"12가3456","plateASCII":"123456",
                "plateCountry":"KOR","plateConfidence":"0.719","carState":"lost","carMoveDirection":"in","carID":"4521",
                "plateCoordinates":["1","2","3","4"],"capture_timestamp":"1775005200250",
                "camera_info":{"SerialNumber":"ACCC8E000001","MACAddress":"ac:cc:8e:00:00:01"},
                "ImageArray":[{"ImageType":"plate","BinaryImage":"%PLATE%"},{"ImageType":"vehicle","BinaryImage":"%SCENE%"}]}"#,
            vec![seen.clone()],
        ),
        json(
            "percents, a time with an offset, a direction not known yet",
            format,
            r#"{"plateText":"\u0031\u0032가3456","plateConfidence":71.9,"carState":"new","carMoveDirection":"unk","carID":4521,
                "datetime":"20260401 100000250 +0900","sensorProviderID":"ACCC8E000001"}"#,
            vec![Seen { direction: None, pictures: [0, 0], ..seen.clone() }],
        ),
        json(
            "no plate, the wall clock",
            format,
            r#"{"plateUTF8":"","plateConfidence":"","carState":"update","carID":"9","datetime":"20260401 100000250"}"#,
            vec![Seen { taken: local("2026-04-01T10:00:00.25"), ..Seen::nothing() }],
        ),
        json(
            "the publisher",
            format,
            r#"{"topic":"gate/plate","device":"ACCC8E000001","plate":"12가3456","image":null,
                "localTime":"2026-04-01 10:00:00","clock":36000,"timestamp":1775005200250}"#,
            vec![Seen {
                event: some("1775005200250/12가3456"),
                confidence: None,
                direction: None,
                pictures: [0, 0],
                ..seen.clone()
            }],
        ),
        json(
            "the publisher about motion",
            format,
            r#"{"topic":"gate/vmd","device":"ACCC8E000001","value":1,"timestamp":1775005200250}"#,
            Vec::new(),
        ),
        heartbeat("a heartbeat", format, r#"{"packetCounter":"18","datetime":"20260401 100000250"}"#),
    ]
}

fn verkada() -> Vec<Payload> {
    let format = Format::Verkada;
    let seen = Seen {
        event: some("c1/1775005200250/12가3456"),
        text: some("12가3456"),
        confidence: Some(963),
        taken: Taken::Instant(AT + 250),
        device: some("c1"),
        ..Seen::nothing()
    };
    vec![
        json(
            "a plate",
            format,
            r#"{"org_id":"o","webhook_type":"lpr","created_at":1775005201,"webhook_id":"w","data":{"camera_id":"c1",
                "created":1775005200,"detected":1775005200250,"license_plate_number":"12가3456","confidence":0.9630414,
                "crop":[0.3,0.3,0.5,0.5],"image_url":"https://example.test/p.jpg"}}"#,
            vec![seen.clone()],
        ),
        json(
            "the older one, with its name in capitals and seconds",
            format,
            r#"{"webhook_type":"LPR","webhook_id":"w","data":{"camera_id":"c1","created":"1775005200",
                "license_plate_number":"12가3456","confidence":"0.85"}}"#,
            vec![Seen {
                event: some("c1/1775005200/12가3456"),
                confidence: Some(850),
                taken: Taken::Instant(AT),
                ..seen.clone()
            }],
        ),
        json(
            "no plate",
            format,
            r#"{"webhook_type":"lpr","data":{"camera_id":"c1","created":1775005200,"license_plate_number":null}}"#,
            vec![Seen { taken: Taken::Instant(AT), device: some("c1"), ..Seen::nothing() }],
        ),
        json("another webhook", format, r#"{"webhook_type":"notification","data":{"camera_id":"c1"}}"#, Vec::new()),
    ]
}
