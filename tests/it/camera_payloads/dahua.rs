//! Dahua: ITSAPI and traffic events.

use jari::camera::{Direction, Format, Taken};

use super::{AT, Payload, Seen, heartbeat, json, local, plate_picture, scene_picture, some};

fn seen() -> Seen {
    Seen {
        event: some("2026-04-01 10:00:00.123/20260401100000123.jpg"),
        text: some("12가3456"),
        confidence: Some(980),
        taken: local("2026-04-01T10:00:00.123"),
        direction: Some(Direction::Approaching),
        device: some("ITC-1"),
        pictures: [plate_picture().len(), scene_picture().len()],
        ..Seen::nothing()
    }
}

pub fn all() -> Vec<Payload> {
    [pictures(), events()].into_iter().flatten().collect()
}

fn pictures() -> Vec<Payload> {
    let format = Format::Dahua;
    vec![
        json(
            "a plate with its pictures",
            format,
            r#"{"Picture":{"Plate":{"IsExist":true,"PlateNumber":"12가3456","PlateColor":"White","PlateType":"Unknown",
                "Region":"KOR","Confidence":98,"BoundingBox":[1,2,3,4],"Channel":0,"UploadNum":1},
                "Vehicle":{"VehicleColor":"White","VehicleType":"SUV","VehicleSign":"Unknown"},
                "SnapInfo":{"DeviceID":"ITC-1","AccurateTime":"2026-04-01 10:00:00.123","TimeZone":9,"DSTTune":0,
                "Direction":"Obverse","AllowUser":false,"BlockUser":false,"OpenStrobe":false,"LanNo":1},
                "NormalPic":{"PicName":"20260401100000123.jpg","Content":"%SCENE%"},
                "CutoutPic":{"PicName":"20260401100000123_p.jpg","Content":"%PLATE%"}}}"#,
            vec![seen()],
        ),
        json(
            "numbers and yes as texts, a broken picture",
            format,
            r#"{"Picture":{"Plate":{"IsExist":"true","PlateNumber":" 12가3456 ","Confidence":"98"},
                "SnapInfo":{"DeviceID":"ITC-1","AccurateTime":"2026-04-01 10:00:00.123","Direction":"Approach"},
                "NormalPic":{"PicName":"20260401100000123.jpg","Content":"bm8gcGljdHVyZQ=="}}}"#,
            vec![Seen { pictures: [0, 0], ..seen() }],
        ),
        json(
            "a car without a plate",
            format,
            r#"{"Picture":{"Plate":{"IsExist":false,"PlateNumber":"","Confidence":0},
                "SnapInfo":{"DeviceID":"ITC-1","SnapTime":"2026-04-01 10:00:00","Direction":"Reverse"},
                "NormalPic":{"PicName":"7.jpg","Content":"%SCENE%"}}}"#,
            vec![Seen {
                event: some("2026-04-01 10:00:00/7.jpg"),
                text: None,
                confidence: Some(0),
                taken: local("2026-04-01T10:00:00"),
                direction: Some(Direction::Leaving),
                pictures: [scene_picture().len(), 0],
                ..seen()
            }],
        ),
        json(
            "two pictures, their plates at the top",
            format,
            r#"{"Picture":[
                {"Plate":{"PlateNumber":"12가3456","Confidence":255},"SnapInfo":{"AccurateTime":"2026-04-01 10:00:00.123"}},
                {"Plate":{"PlateNumber":"34나5678","Confidence":51},"SnapInfo":{"AccurateTime":"2026-04-01 10:00:01.000"}}]}"#,
            vec![
                Seen {
                    event: some("2026-04-01 10:00:00.123/12가3456"),
                    confidence: Some(1000),
                    direction: None,
                    device: None,
                    pictures: [0, 0],
                    ..seen()
                },
                Seen {
                    event: some("2026-04-01 10:00:01.000/34나5678"),
                    text: some("34나5678"),
                    confidence: Some(510),
                    taken: local("2026-04-01T10:00:01"),
                    ..Seen::nothing()
                },
            ],
        ),
        Payload {
            content_type: "text/xml",
            ..json(
                "XML with the same names",
                format,
                r#"<?xml version="1.0" encoding="utf-8"?><TollgateInfo><Picture>
                   <Plate><IsExist>true</IsExist><PlateNumber>12가3456</PlateNumber><Confidence>98</Confidence></Plate>
                   <SnapInfo><DeviceID>ITC-1</DeviceID><AccurateTime>2026-04-01 10:00:00.123</AccurateTime>
                   <Direction>Obverse</Direction></SnapInfo>
                   <NormalPic><PicName>20260401100000123.jpg</PicName><Content>%SCENE%</Content></NormalPic>
                   <CutoutPic><Content>%PLATE%</Content></CutoutPic></Picture></TollgateInfo>"#,
                vec![seen()],
            )
        },
    ]
}

fn events() -> Vec<Payload> {
    let format = Format::Dahua;
    vec![
        json(
            "a traffic event of the stream",
            format,
            r#"{"Code":"TrafficJunction","Action":"Pulse","Index":0,"Data":{"GroupID":77,"UTC":1775005200,"UTCMS":123,
                "TrafficCar":{"PlateNumber":"12가3456","PlateType":"Normal","Speed":7,"MachineName":"ITC-1"},
                "Object":{"ObjectType":"Plate","Text":"12가3456","Confidence":204}}}"#,
            vec![Seen {
                event: some("1775005200/77"),
                text: some("12가3456"),
                confidence: Some(800),
                taken: Taken::Instant(AT + 123),
                device: some("ITC-1"),
                ..Seen::nothing()
            }],
        ),
        json(
            "a list of events, one of them of another kind",
            format,
            r#"{"Events":[{"EventBaseInfo":{"Code":"VideoMotion"}},
                {"EventBaseInfo":{"Code":"TrafficParking"},"TrafficCar":{"PlateNumber":""},"UTC":"1775005200"}]}"#,
            vec![Seen { taken: Taken::Instant(AT), ..Seen::nothing() }],
        ),
        heartbeat("the heartbeat", format, r#"{"Active":"keepAlive","DeviceID":"ITC-1"}"#),
        heartbeat("what the device is", format, r#"{"DeviceID":"ITC-1","DeviceName":"gate","IPAddress":"192.0.2.65"}"#),
    ]
}
