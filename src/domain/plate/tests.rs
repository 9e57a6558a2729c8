use std::collections::HashSet;

use proptest::prelude::*;

use super::*;

fn plate(text: &str) -> Plate {
    Plate::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

const CIVIL: &str = "가나다라마거너더러머고노도로모구누두루무버서어저보소오조부수우주바사아자배하허호";

#[test]
fn exactly_45_of_all_11172_syllables_are_legal() {
    let legal: String = ('가'..='힣').filter(|syllable| Plate::parse(&format!("12{syllable}3456")).is_ok()).collect();
    let expected: HashSet<char> = CIVIL.chars().chain("국합육해공".chars()).collect();
    assert_eq!(('가'..='힣').count(), 11_172);
    assert_eq!(legal.chars().count(), 45);
    assert_eq!(legal.chars().collect::<HashSet<_>>(), expected);
}

#[test]
fn three_digit_prefixes_take_private_and_rental_syllables_only() {
    let legal = ('가'..='힣').filter(|syllable| Plate::parse(&format!("123{syllable}4567")).is_ok()).count();
    assert_eq!(legal, 35);
}

#[test]
fn every_region_is_read_in_its_short_and_long_names() {
    assert_eq!(Region::all().count(), 17);
    for region in Region::all() {
        let short = plate(&format!("{} 32 바 1234", region.name()));
        assert_eq!((short.region(), short.key()), (Some(region), "32바1234"));
        assert_eq!(short.canonical(), format!("{}32바1234", region.name()));
        for long in region.long_names() {
            assert_eq!(plate(&format!("{long}32바1234")), short, "{long}");
        }
    }
}

#[test]
fn odd_spellings_of_one_plate_have_one_key() {
    let spellings = [
        " 12가3456 ",
        "12 가 3456",
        "１２가３４５６",
        "12\u{1100}\u{1161}3456",
        "12\u{3131}\u{314F}3456",
        "12\u{FFA1}\u{FFC2}3456",
        "12\u{1100}\u{200B}\u{1161}3456",
        "12\u{200B}가3456",
        "12가\u{200D}3456",
        "\u{FEFF}12가3456",
        "12가\u{00AD}3456",
        "12가-3456",
        "12가‐3456",
        "12가–3456",
        "12가—3456",
        "12가−3456",
        "12가ㅡ3456",
        "12가.3456",
        "12.가.3456.",
        "12가·3456",
        "12가ㆍ3456",
        "12가・3456",
        "12가_3456",
        "12(가)3456",
        "12㉮3456",
        "12㈎3456",
        "\u{202E}12가3456\u{202C}",
        "\u{2067}12가3456\u{2069}",
        "12가\u{FE0F}3456",
        "12가\u{E0101}3456",
        "12가\u{034F}3456",
        "١٢가٣٤٥٦",
        "१२가३४५६",
        "𝟏𝟐가𝟑𝟒𝟓𝟔",
        "①②가③④⑤⑥",
        "12\u{3164}가3456",
        "12가\u{FFA0}3456",
        "12\u{115F}가3456",
        "\u{3000}12가\u{3000}3456",
        "12\u{00A0}가\u{00A0}3456",
        "12\t가\t3456\r\n",
        "12가3456\0",
        "1\u{FE0F}\u{20E3}2\u{FE0F}\u{20E3}가3456",
        "l2가3456",
        "I2가3456",
        "|2가3456",
        "1Z가34S6",
        "1z가34s6",
    ];
    for spelling in spellings {
        assert_eq!(plate(spelling).key(), "12가3456", "{spelling:?}");
    }
    assert_eq!(plate("oI허OQB8").key(), "01허0088");
}

const CAR: Option<Vehicle> = Some(Vehicle::Car);

type Family = (&'static str, PlateClass, Option<Vehicle>, Option<Region>, &'static str);

/// What is written, and the class, vehicle, region and key it stands for.
#[rustfmt::skip]
const FAMILIES: &[Family] = &[
    ("서울 1 가 1234", PlateClass::Private, None, Some(Region::Seoul), "1가1234"),
    ("경기도 30 나 1234", PlateClass::Private, CAR, Some(Region::Gyeonggi), "30나1234"),
    ("12가3456", PlateClass::Private, CAR, None, "12가3456"),
    ("123가4567", PlateClass::Private, CAR, None, "123가4567"),
    ("123하4567", PlateClass::Rental, CAR, None, "123하4567"),
    ("서울 32 바 1234", PlateClass::Commercial, CAR, Some(Region::Seoul), "32바1234"),
    ("80배1234", PlateClass::Delivery, Some(Vehicle::Truck), None, "80배1234"),
    ("70자1234", PlateClass::Commercial, Some(Vehicle::Van), None, "70자1234"),
    ("99우1234", PlateClass::Private, Some(Vehicle::Special), None, "99우1234"),
    ("700가1234", PlateClass::Private, Some(Vehicle::Van), None, "700가1234"),
    ("800가1234", PlateClass::Private, Some(Vehicle::Truck), None, "800가1234"),
    ("979가1234", PlateClass::Private, Some(Vehicle::Truck), None, "979가1234"),
    ("980가1234", PlateClass::Private, Some(Vehicle::Special), None, "980가1234"),
    ("998가1234", PlateClass::Private, Some(Vehicle::Emergency), None, "998가1234"),
    ("12국3456", PlateClass::Military, None, None, "12국3456"),
    ("외교 005-003", PlateClass::Diplomatic, None, None, "외교005003"),
    ("외빈 001-001", PlateClass::Diplomatic, None, None, "외빈001001"),
    ("012가4568", PlateClass::Construction, None, None, "012가4568"),
    ("임 1234", PlateClass::Temporary, None, None, "임1234"),
    ("임시 123456", PlateClass::Temporary, None, None, "임123456"),
    ("서울 강남구 1234", PlateClass::Temporary, None, Some(Region::Seoul), "강남구1234"),
    ("강남구 임시 1234", PlateClass::Temporary, None, None, "강남구임1234"),
    ("임실군 1234", PlateClass::Temporary, None, None, "임실군1234"),
    ("광주시 1234", PlateClass::Temporary, None, None, "광주시1234"),
    ("경기 광주시 1234", PlateClass::Temporary, None, Some(Region::Gyeonggi), "광주시1234"),
    ("경남 창원시 마산회원구 1234", PlateClass::Temporary, None, Some(Region::Gyeongnam), "창원시마산회원구1234"),
    ("1가2 3456", PlateClass::Motorcycle, None, None, "1가23456"),
    ("서울 강남 가 1234", PlateClass::Motorcycle, None, Some(Region::Seoul), "강남가1234"),
    ("서울 강남구 가 1234", PlateClass::Motorcycle, None, Some(Region::Seoul), "강남가1234"),
    ("경남 창원 라 1234", PlateClass::Motorcycle, None, Some(Region::Gyeongnam), "창원라1234"),
    ("ab-12 345", PlateClass::Foreign, None, None, "AB12345"),
];

#[test]
fn each_family_has_its_class_vehicle_and_key() {
    for (text, class, vehicle, region, key) in FAMILIES.iter().copied() {
        let plate = plate(text);
        assert_eq!(
            (plate.class(), plate.vehicle(), plate.region(), plate.key()),
            (class, vehicle, region, key),
            "{text}"
        );
        assert_eq!(Plate::parse(&plate.canonical()), Ok(plate), "{text}");
    }
}

#[test]
fn what_is_no_plate_is_refused() {
    let refused = [
        "!!!!!",
        "<script>alert(1)</script>",
        "'; DROP TABLE plates; --",
        "🚗🚗🚗",
        "🚗12가3456",
        "1234",
        "ABCD",
        "A1",
        "ABCDEFGH123",
        "가가가가",
        "가가가가1234",
        "가1234",
        "12각3456",
        "12갸3456",
        "12가345",
        "12가34567",
        "12가",
        "3456",
        "1가1234",
        "0가12345",
        "00가3456",
        "099가1234",
        "028가1234",
        "000가1234",
        "1234가5678",
        "12가0000",
        "123바4567",
        "123배4567",
        "123국4567",
        "서울12국3456",
        "서울1국3456",
        "1국23456",
        "서울1가23456",
        "외교00500",
        "외교000000",
        "서울외교005003",
        "임123",
        "임1234567",
        "임0000",
        "서울국1234",
        "강남가1234",
        "서울가1234",
        "12ㄱ3456",
        "12ㅏ3456",
        "12\u{1100}\u{1161}\u{11A8}3456",
        "12가가3456",
        "12가3456가",
        "12가345b",
        "12가345X",
        "12カ3456",
        "12Я3456",
        "京A12345",
        "АВ1234",
        "MÜAB123",
        "½½가3456",
        "12가3456\u{0301}",
        "경기도도봉가1234",
    ];
    for text in refused {
        assert_eq!(Plate::parse(text), Err(PlateError::NotAPlate), "{text:?}");
    }
}

#[test]
fn empty_and_endless_inputs_are_refused_as_such() {
    for text in ["", "   ", "\u{200B}\u{FEFF}", "\u{3164}", "---"] {
        assert_eq!(Plate::parse(text), Err(PlateError::Empty), "{text:?}");
    }
    assert_eq!(Plate::parse(&"1".repeat(64)), Err(PlateError::NotAPlate));
    assert_eq!(Plate::parse(&"1".repeat(65)), Err(PlateError::TooLong));
    assert_eq!(Plate::parse(&"\u{FDFA}".repeat(64)), Err(PlateError::NotAPlate));
    assert_eq!(Plate::parse(&"𝟏".repeat(65)), Err(PlateError::TooLong));
    assert_eq!(plate(&format!("{}12가3456", " ".repeat(57))).key(), "12가3456");
}

#[test]
fn two_regions_tell_two_cars_apart_and_a_missing_one_does_not() {
    let (seoul, busan, bare) = (plate("서울32바1234"), plate("부산32바1234"), plate("32바1234"));
    assert_eq!(seoul.key(), busan.key());
    assert!(!seoul.same_car(&busan));
    assert!(seoul.same_car(&bare) && bare.same_car(&busan) && seoul.same_car(&seoul));
    assert!(!bare.same_car(&plate("32바1235")));
    assert_ne!(seoul, bare);
}

#[test]
fn masks_keep_what_a_neighbour_may_see() {
    let cases = [
        ("12가3456", "12가**56"),
        ("123가4567", "123가**67"),
        ("서울 32 바 1234", "서울32바**34"),
        ("외교005003", "외교****03"),
        ("임1234", "임**34"),
        ("1가23456", "1가***56"),
        ("서울강남가1234", "서울강남가**34"),
        ("AB12", "A**2"),
        ("AB123", "AB**3"),
        ("AB1234", "AB**34"),
        ("AB12345678", "AB******78"),
    ];
    for (text, masked) in cases {
        assert_eq!(plate(text).masked(), masked);
        assert_eq!(mask_text(text), masked);
    }
    assert_eq!(format!("{:?}", plate("12가3456")), "Plate(12가**56, Private)");
}

#[test]
fn masks_of_other_texts_star_the_middle() {
    let cases = [
        ("", ""),
        (" \u{200B} ", ""),
        ("가", "**"),
        ("가나", "**"),
        ("가나다", "***"),
        ("12각3456", "12***56"),
        ("123456", "12**56"),
        ("1234", "1**4"),
    ];
    for (text, masked) in cases {
        assert_eq!(mask_text(text), masked, "{text:?}");
    }
    assert_eq!(mask_text(&"x".repeat(10_000)), "xx********xx");
}

#[test]
fn display_text_shows_what_was_typed_and_nothing_else() {
    let cases = [
        ("  12가 3456\n", "12가 3456"),
        ("12가\t\u{3000} 3456", "12가 3456"),
        ("\u{FEFF}12\u{200B}가\u{202E}3456\u{0007}", "12가3456"),
        ("ab 12-34", "ab 12-34"),
        ("１２가", "１２가"),
        ("a \u{200B} b", "a b"),
        ("\u{3164}", ""),
    ];
    for (text, shown) in cases {
        assert_eq!(display_text(text), shown, "{text:?}");
    }
}

#[test]
fn decimal_digits_of_every_script_have_their_value() {
    use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};
    let digits: Vec<char> =
        ('\0'..=char::MAX).filter(|c| c.general_category() == GeneralCategory::DecimalNumber).collect();
    assert_eq!(digits.len() % 10, 0);
    for ten in digits.chunks(10) {
        assert_eq!(u32::from(ten[9]) - u32::from(ten[0]), 9, "{ten:?}");
        assert_eq!(ten.iter().filter_map(|&c| text::ascii_digit(c)).collect::<String>(), "0123456789");
    }
    assert_eq!(text::ascii_digit('²'), None);
    assert_eq!(text::ascii_digit('A'), None);
}

#[test]
fn errors_never_quote_the_input() {
    for error in [PlateError::Empty, PlateError::TooLong, PlateError::NotAPlate] {
        assert!(!error.to_string().chars().any(|c| c.is_ascii_digit()));
    }
}

fn legal_plate() -> impl Strategy<Value = String> {
    let region = prop::option::of("(서울|부산|경기|강원|제주)").prop_map(Option::unwrap_or_default);
    prop_oneof![
        (region.clone(), 1..=99_u8, syllable(CIVIL), serial()).prop_map(|(r, n, h, s)| format!("{r}{n:02}{h}{s}")),
        (100..=999_u16, syllable(&CIVIL[..96]), serial()).prop_map(|(n, h, s)| format!("{n}{h}{s}")),
        (1..=99_u8, syllable("국합육해공"), serial()).prop_map(|(n, h, s)| format!("{n:02}{h}{s}")),
        (1..=27_u8, syllable(&CIVIL[..96]), serial()).prop_map(|(n, h, s)| format!("0{n:02}{h}{s}")),
        ("(외교|영사|준외|준영|국기|협정|대표|외빈)[0-9]{5}[1-9]").prop_map(|text| text),
        (region, "(강남구|중구|임실군|성남시|)임[1-9][0-9]{3,5}").prop_map(|(r, text)| format!("{r}{text}")),
        "(서울|경기|제주)(강남|중|동대문)[가나다라마바사아자][1-9][0-9]{3}",
        "[1-9][가-가나다라마][0-9]{4}[1-9]",
    ]
}

fn syllable(of: &str) -> impl Strategy<Value = char> + use<> {
    prop::sample::select(of.chars().collect::<Vec<_>>())
}

fn serial() -> impl Strategy<Value = String> {
    (1..=9999_u16).prop_map(|n| format!("{n:04}"))
}

/// What does not change a plate, put between its characters.
fn noise() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["", "", "", " ", "-", "·", "\u{200B}", "\u{FE0F}", "\u{3164}", "\u{202E}", "\u{00A0}"])
}

fn full_width(c: char) -> char {
    c.to_digit(10).and_then(|digit| char::from_u32(0xFF10 + digit)).unwrap_or(c)
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        let _ = (Plate::parse(&text), display_text(&text), mask_text(&text));
    }

    #[test]
    fn texts_that_look_like_plates_do_not_make_it_panic(
        text in "[0-9OIlSBZ서울경기도시군구광주특별임외교가바허국각A-D\u{1100}\u{1161}\u{3131}\u{200B} .-]{0,14}"
    ) {
        if let Ok(plate) = Plate::parse(&text) {
            prop_assert_eq!(Plate::parse(&plate.canonical()), Ok(plate));
        }
    }

    #[test]
    fn districts_that_look_like_regions_read_back(
        text in "(서울|서울시|서울특별시|경기|경기도|광주|광주시|제주도)?[시군구도특별임가바중]{0,5}(임|임시)?[1-9][0-9]{3,4}"
    ) {
        if let Ok(plate) = Plate::parse(&text) {
            prop_assert_eq!(Plate::parse(&plate.canonical()), Ok(plate));
        }
    }

    #[test]
    fn a_legal_plate_survives_any_decoration(
        (text, noise) in legal_plate().prop_flat_map(|text| {
            let characters = text.chars().count();
            (Just(text), prop::collection::vec(noise(), characters))
        }),
        wide in any::<bool>(),
        decomposed in any::<bool>(),
    ) {
        use unicode_normalization::UnicodeNormalization;
        let plain = plate(&text);
        prop_assert_eq!(&plain.canonical(), &text);
        let mut decorated: String = text.chars().zip(noise).flat_map(|(c, noise)| noise.chars().chain([c])).collect();
        if wide {
            decorated = decorated.chars().map(full_width).collect();
        }
        if decomposed {
            decorated = decorated.nfd().collect();
        }
        prop_assert_eq!(Plate::parse(&decorated), Ok(plain), "{:?}", decorated);
    }

    #[test]
    fn a_mask_never_reveals_the_key(text in prop_oneof![legal_plate(), "[A-Z][0-9A-Z]{2,8}[0-9]"]) {
        let plate = plate(&text);
        for mask in [plate.masked(), mask_text(&text)] {
            prop_assert!(!mask.contains(plate.key()));
            prop_assert!(mask.matches('*').count() >= 2);
            prop_assert_eq!(mask.chars().count(), plate.canonical().chars().count());
        }
    }

    #[test]
    fn display_text_is_stable_and_keeps_the_plate(text in any::<String>()) {
        let shown = display_text(&text);
        prop_assert_eq!(display_text(&shown), shown.clone());
        if let Ok(plate) = Plate::parse(&text) {
            prop_assert_eq!(Plate::parse(&shown), Ok(plate));
        }
    }
}
