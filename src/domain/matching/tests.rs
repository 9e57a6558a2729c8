use proptest::prelude::*;

use super::*;

fn expected(texts: &[&str]) -> Vec<Expected<usize>> {
    texts.iter().enumerate().map(|(place, text)| Expected::of(&Plate::parse(text).unwrap(), place)).collect()
}

fn decided(read: &Read, texts: &[&str]) -> Explanation {
    decide(read, &expected(texts), &Tolerance::default()).explanation
}

fn of(text: &str, texts: &[&str]) -> (How, Reason, bool) {
    let explanation = decided(&Read::of(text), texts);
    assert_eq!(explanation.plate.is_some(), explanation.how != How::None);
    (explanation.how, explanation.reason, explanation.needs_review)
}

fn distance_of(read: &Read, text: &str) -> f64 {
    let hypotheses = read.hypotheses();
    let plate = &expected(&[text])[0];
    find(&hypotheses, plate, f64::INFINITY, read.region_unreadable).map_or(f64::INFINITY, |it| it.distance.total)
}

fn distance(read: &str, text: &str) -> f64 {
    distance_of(&Read::of(read), text)
}

#[test]
fn one_misread_character_is_forgiven_when_nothing_else_is_near() {
    let site = ["12가3456", "345나6789", "서울32바1234", "외교005003"];
    for (read, plate) in [
        ("12가3458", "12가3456"),
        ("12거3456", "12가3456"),
        ("12기3456", "12가3456"),
        ("12?3456", "12가3456"),
        ("12J3456", "12가3456"),
        ("1273456", "12가3456"),
        ("1?가3456", "12가3456"),
        ("2가3456", "12가3456"),
        ("45나6789", "345나6789"),
        ("345나678", "345나6789"),
        ("1345나6789", "345나6789"),
        ("32버1234", "서울32바1234"),
        ("서을32바1284", "서울32바1234"),
        ("외교005008", "외교005003"),
    ] {
        let explanation = decided(&Read::of(read), &site);
        assert_eq!(explanation.how, How::Tolerant, "{read}: {explanation:?}");
        assert_eq!(explanation.plate.as_deref(), Some(plate), "{read}");
    }
}

#[test]
fn another_legal_plate_is_nobody_and_needs_no_look() {
    for read in ["98하7654", "345나1111", "부산77아9012", "외교111222", "AB12345"] {
        assert_eq!(of(read, &["12가3456", "345나6789", "서울32바1234"]), (How::None, Reason::TooFar, false), "{read}");
    }
}

#[test]
fn a_read_between_two_twins_goes_to_a_person() {
    assert_eq!(of("12가3455", &["12가3453", "12가3456"]), (How::None, Reason::TwoAlike, true));
    assert_eq!(of("12가3453", &["12가3456", "12가3453"]), (How::Exact, Reason::Same, false));
}

#[test]
fn a_serial_with_three_other_digits_is_never_accepted() {
    let read = Read { confidences: vec![1.0, 1.0, 1.0, 0.05, 0.05, 0.05, 1.0], ..Read::of("12가3456") };
    let bold = Tolerance {
        max_distance: 99.0,
        max_distance_if_sure: 99.0,
        assurance: -99.0,
        assurance_of_list: -99.0,
        ..Tolerance::default()
    };
    let site = expected(&["12가8806"]);
    let explanation = decide(&read, &site, &bold).explanation;
    assert_eq!((explanation.how, explanation.reason), (How::None, Reason::SerialDiffers));
    assert!(explanation.distance.unwrap() < bold.max_serial_distance);
    assert_eq!(decide(&read, &expected(&["12가8856"]), &bold).explanation.how, How::Tolerant);
    let sure = Read { confidences: vec![1.0; 7], ..read };
    assert_eq!(decide(&sure, &expected(&["12가8856"]), &bold).explanation.reason, Reason::SerialDiffers);
}

#[test]
fn a_region_that_contradicts_is_another_car_only_where_it_was_read() {
    let site = ["서울32바1234"];
    assert_eq!(of("32바1234", &site).0, How::Exact);
    assert_eq!(of("서울특별시 32바 1234", &site).0, How::Exact);
    assert_eq!(of("서울32바1234", &["32바1234"]).0, How::Exact);
    assert!(distance("부산32바1234", site[0]) > 4.0);
    assert_ne!(of("부산32바1234", &site).0, How::Exact);
    let blurred = Read { region_unreadable: true, ..Read::of("부산32바1234") };
    assert_eq!(decided(&blurred, &site).how, How::Exact);
}

#[test]
fn a_partial_read_is_never_enough_by_itself() {
    for read in ["3456", "가3456", "12가", "가", "12", "?", "56"] {
        let (how, _, needs_review) = of(read, &["12가3456"]);
        assert_eq!((how, needs_review), (How::None, true), "{read}");
    }
}

#[test]
fn the_more_are_expected_the_less_is_forgiven() {
    let site: Vec<String> = (0..1000).map(|number| format!("{}가{}", 100 + number % 600, 1000 + number * 7)).collect();
    let site: Vec<&str> = site.iter().map(String::as_str).collect();
    let limit = |count: usize| decided(&Read::of("12가3456"), &site[..count]).limit;
    assert!(limit(1) > limit(1000));
    assert!((limit(100) - limit(1000) - 10_f64.ln()).abs() < 0.01);
}

#[test]
fn an_unsure_character_costs_less_and_a_sure_one_more() {
    let with = |confidence| Read {
        confidences: vec![0.99, 0.99, 0.99, 0.99, 0.99, 0.99, confidence],
        ..Read::of("12가3458")
    };
    let plain = distance("12가3458", "12가3456");
    assert!(distance_of(&with(0.5), "12가3456") < plain);
    assert!(distance_of(&with(0.999), "12가3456") > plain);
    assert_eq!(decided(&with(0.5), &["12가3456"]).how, How::Tolerant);
    let explanation = decided(&with(0.9995), &["12가3451"]);
    assert_eq!((explanation.how, explanation.needs_review), (How::None, true));
    for nonsense in [vec![f64::NAN; 7], vec![], vec![0.5; 3], vec![-1.0; 7], vec![f64::INFINITY; 7]] {
        let read = Read { confidences: nonsense, ..Read::of("12가3456") };
        assert_eq!(decided(&read, &["12가3456", "12가3457"]).how, How::Exact);
    }
}

#[test]
fn candidates_bring_what_the_text_alone_does_not() {
    let candidate = |text: &str, confidence| Candidate { text: text.to_owned(), confidence };
    let site = ["12가3456", "98하7654"];
    let far = "98하1156";
    assert_eq!(of(far, &site).0, How::None);
    let read = Read { candidates: vec![candidate(far, 0.6), candidate("98하7654", 0.3)], ..Read::of(far) };
    let explanation = decided(&read, &site);
    assert_eq!((explanation.how, explanation.plate.as_deref()), (How::Tolerant, Some("98하7654")));
    assert_eq!(explanation.ranked[0].candidate.as_deref(), Some("98하7654"));
    assert!((explanation.distance.unwrap() - 2.0_f64.ln()).abs() < 0.001);
    // Two candidates that both hold a booking: the text decides, and a person looks.
    let read =
        Read { candidates: vec![candidate("12가3456", 0.5), candidate("98하7654", 0.4)], ..Read::of("12가3456") };
    let explanation = decided(&read, &site);
    assert_eq!((explanation.how, explanation.needs_review), (How::Exact, true));
    // Without a text of its own a read is never exact.
    let read = Read { candidates: vec![candidate("12가3456", 0.9)], ..Read::default() };
    let explanation = decided(&read, &site);
    assert_eq!((explanation.how, explanation.read.as_str()), (How::Tolerant, ""));
    assert_eq!(explanation.plate.as_deref(), Some("12가3456"));
    // What a list says counts up to its eighth entry, and nonsense not at all.
    let mut many = vec![candidate("", 0.1), candidate("12가3456", f64::NAN), candidate("12가3456", -1.0)];
    many.extend((0..5).map(|_| candidate("?", 7.0)));
    many.push(candidate("12가3456", 0.9));
    assert_eq!(decided(&Read { candidates: many, ..Read::of(far) }, &["12가3456"]).how, How::None);
}

#[test]
fn exact_only_means_that() {
    let site = expected(&["12가3456"]);
    let exact_only = Tolerance { tolerant: false, ..Tolerance::default() };
    let explanation = decide(&Read::of("12가3458"), &site, &exact_only).explanation;
    assert_eq!(
        (explanation.how, explanation.reason, explanation.needs_review),
        (How::None, Reason::ToleranceOff, true)
    );
    assert_eq!(decide(&Read::of("１２ 가 3456"), &site, &exact_only).chosen.map(|it| it.id), Some(0));
}

#[test]
fn an_alignment_names_every_character_in_its_place() {
    let explanation = decided(&Read::of("서울2자1274"), &["서울32사1214"]);
    let steps = &explanation.ranked[0].steps;
    let shown: Vec<String> =
        (steps.iter()).map(|step| format!("{}{}", step.read.unwrap_or('-'), step.expected.unwrap_or('-'))).collect();
    assert_eq!(shown.join(" "), "서서 울울 -3 22 자사 11 22 71 44");
    assert!((steps.iter().map(|step| step.cost).sum::<f64>() - explanation.ranked[0].distance).abs() < 0.001);
    assert_eq!(steps[2].outcome, Outcome::Lost);
    assert_eq!((steps[4].part, steps[4].outcome), (Part::Syllable, Outcome::Confused));
    let written = serde_json::to_value(&explanation).unwrap();
    assert_eq!(written["how"], "none");
    assert_eq!(written["ranked"][0]["steps"][7]["outcome"], "confused");
    assert_eq!(written["ranked"][0]["steps"][7]["part"], "serial");
}

#[test]
fn nothing_expected_and_nothing_read_are_said_so() {
    assert_eq!(of("12가3456", &[]), (How::None, Reason::NothingExpected, false));
    for read in ["", " \u{200B}-", &"1".repeat(300), &"가".repeat(30)] {
        assert_eq!(of(read, &["12가3456"]), (How::None, Reason::Unreadable, true), "{read}");
    }
}

#[test]
fn foreign_plates_match_exactly_and_their_look_alikes_are_near() {
    assert_eq!(of("ab-123cd", &["AB123CD", "12가3456"]).0, How::Exact);
    assert!(distance("A8123CD", "AB123CD") < distance("AX123CD", "AB123CD"));
    assert_eq!(of("XY987ZW", &["AB123CD"]).0, How::None);
}

#[test]
fn an_expected_plate_is_the_same_from_its_key_and_from_its_plate() {
    for text in ["12가3456", "서울 32바 1234", "경기도 강남구 가 1234", "외교 005-003", "AB 1234", "임 1234"]
    {
        let plate = Plate::parse(text).unwrap();
        let (by_key, by_plate) = (Expected::new(plate.key(), text, ()), Expected::of(&plate, ()));
        assert_eq!(format!("{:?}", by_key.parts), format!("{:?}", by_plate.parts), "{text}");
    }
}

#[test]
fn the_table_is_whole_and_symmetric() {
    for a in '0'..='9' {
        assert_eq!(confusion::digit_share(a, a), Some(0));
        for b in ('0'..='9').filter(|&b| b != a) {
            let share = confusion::digit_share(a, b).unwrap();
            assert!(share > 0 && share == confusion::digit_share(b, a).unwrap(), "{a} {b}");
        }
    }
    for (truth, near, far) in
        [('가', '거', '주'), ('무', '우', '하'), ('너', '더', '소'), ('수', '주', '호'), ('허', '어', '공')]
    {
        let share = |read| confusion::syllable_share(truth, read).unwrap();
        assert!(share(near) > 10 * share(far), "{truth}");
        assert_eq!(confusion::syllable_share(truth, near), confusion::syllable_share(near, truth));
    }
}

fn numbered() -> impl Strategy<Value = String> {
    let syllable = prop::sample::select(
        "가나다라마거너더러머고노도로모구누두루무버서어저보소오조부수우주하허호".chars().collect::<Vec<_>>(),
    );
    (prop_oneof![1..=99_u16, 100..=999_u16], syllable, 1..=9999_u16)
        .prop_map(|(class, syllable, serial)| format!("{class:02}{syllable}{serial:04}"))
}

fn plate_text() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => numbered(),
        1 => ("(서울|부산|경기)", 10..=99_u16, "[바사아자배]", "[1-9][0-9]{3}").prop_map(|(r, n, h, s)| format!("{r}{n}{h}{s}")),
        1 => "(외교|영사|대표)[0-9]{5}[1-9]",
        1 => "임[1-9][0-9]{3,5}",
        1 => "(서울|경기)(강남|동대문)[가나다][1-9][0-9]{3}",
        1 => "[A-Z]{2}[0-9]{3,6}",
    ]
}

/// Plates close to each other, so that there is something to confuse.
fn site() -> impl Strategy<Value = Vec<Plate>> {
    let near = "1[23][가거나][0-3]45[68]";
    prop::collection::vec(prop_oneof![near.prop_map(|text| text), plate_text()], 0..12).prop_map(|texts| {
        let mut plates: Vec<Plate> = texts.iter().filter_map(|text| Plate::parse(text).ok()).collect();
        plates.sort_by(|a, b| a.key().cmp(b.key()));
        plates.dedup_by(|a, b| a.key() == b.key());
        plates
    })
}

fn read() -> impl Strategy<Value = Read> {
    let text =
        || prop_oneof!["1[23][가거나][0-3]45[68]", plate_text(), "[0-9가바서울외교임AB?]{0,12}", any::<String>()];
    let confidence = prop_oneof![Just(f64::NAN), -1.0..2.0_f64, 0.0..1.0_f64];
    let candidate = (text(), confidence.clone()).prop_map(|(text, confidence)| Candidate { text, confidence });
    (text(), prop::collection::vec(confidence, 0..9), prop::collection::vec(candidate, 0..4), any::<bool>()).prop_map(
        |(text, confidences, candidates, region_unreadable)| Read { text, confidences, candidates, region_unreadable },
    )
}

fn expect(plates: &[Plate]) -> Vec<Expected<usize>> {
    plates.iter().enumerate().map(|(place, plate)| Expected::of(plate, place)).collect()
}

/// The comparison leaves out what cannot come near: with the nearest plates in hand, and beyond the horizon. One that
/// compares every plate to the end finds the same.
#[test]
fn what_is_left_out_of_the_comparison_changes_nothing() {
    let mut state = 0x6a61_7269_u64;
    let mut below = |end: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap() % end
    };
    let syllables = ['가', '거', '나', '너', '두', '부', '하', '허', '배'];
    let regions = ["", "", "", "서울", "부산", "외교"];
    for case in 0..100_000 {
        // A small alphabet: plates come near each other often.
        let mut text = || {
            let region = regions[below(6)];
            let class =
                if region == "외교" { String::new() } else { format!("{}", [12, 13, 82, 123, 723][below(5)]) };
            let syllable = if class.is_empty() { String::new() } else { syllables[below(9)].to_string() };
            let serial: String =
                (0..if class.is_empty() { 6 } else { 4 }).map(|_| ['0', '3', '8', '6'][below(4)]).collect();
            if below(12) == 0 { format!("AB{serial}") } else { format!("{region}{class}{syllable}{serial}") }
        };
        let texts: Vec<String> = (0..9).map(|_| text()).collect();
        let mut plates: Vec<Plate> = texts[1..].iter().filter_map(|text| Plate::parse(text).ok()).collect();
        plates.sort_by(|a, b| a.key().cmp(b.key()));
        plates.dedup_by(|a, b| a.key() == b.key());
        let site: Vec<Expected<()>> = plates.iter().map(|plate| Expected::of(plate, ())).collect();
        let mut read = Read::of(&texts[0]);
        if case % 3 == 0 {
            read.confidences = (0..texts[0].chars().count()).map(|at| [0.4, 0.8, 0.99][(case + at) % 3]).collect();
        }
        if case % 5 == 0 {
            let candidate = |text: &String, confidence| Candidate { text: text.clone(), confidence };
            read.candidates = vec![candidate(&texts[0], 0.6), candidate(&texts[1], 0.2), candidate(&texts[2], 0.1)];
        }
        let tolerance = Tolerance::default();
        let explanation = decide(&read, &site, &tolerance).explanation;
        let most = if read.confidences.is_empty() { tolerance.max_distance } else { tolerance.max_distance_if_sure };
        let hypotheses = read.hypotheses();
        let mut all: Vec<Found<'_, ()>> = site
            .iter()
            .filter_map(|plate| find(&hypotheses, plate, f64::INFINITY, false))
            .filter(|found| found.distance.total < most + tolerance.min_margin)
            .collect();
        all.sort_by(compare);
        let nearest: Vec<(&str, f64)> =
            all.iter().take(SHOWN).map(|it| (it.plate.text.as_str(), rounded(it.distance.total))).collect();
        let shown: Vec<(&str, f64)> = explanation.ranked.iter().map(|it| (it.plate.as_str(), it.distance)).collect();
        assert_eq!(shown, nearest, "{read:?} among {texts:?}");
        assert_eq!(explanation.distance, nearest.first().map(|it| it.1));
    }
}

proptest! {
    #[test]
    fn exact_always_wins(plates in site(), mut read in read(), which in any::<prop::sample::Index>()) {
        prop_assume!(!plates.is_empty());
        let plate = which.get(&plates);
        read.text = plate.canonical();
        let site = expect(&plates);
        let decision = decide(&read, &site, &Tolerance::default());
        prop_assert_eq!(decision.explanation.how, How::Exact);
        prop_assert_eq!(&decision.chosen.unwrap().key, plate.key());
    }

    #[test]
    fn only_a_read_of_the_plate_is_exact(plates in site(), read in read()) {
        let site = expect(&plates);
        let decision = decide(&read, &site, &Tolerance::default());
        if decision.explanation.how == How::Exact {
            let spelt = Plate::parse(&read.text).unwrap();
            prop_assert_eq!(spelt.key(), &decision.chosen.unwrap().key);
        }
        let off = decide(&read, &site, &Tolerance { tolerant: false, ..Tolerance::default() });
        prop_assert_ne!(off.explanation.how, How::Tolerant);
        prop_assert_eq!(off.explanation.how == How::Exact, decision.explanation.how == How::Exact);
        prop_assert_eq!(off.chosen.is_some(), off.explanation.how == How::Exact);
    }

    #[test]
    fn the_order_of_the_expected_plates_changes_nothing(
        (plates, shuffled) in site().prop_flat_map(|plates| (Just(plates.clone()), Just(plates).prop_shuffle())),
        read in read(),
    ) {
        let (one, other) = (expect(&plates), expect(&shuffled));
        let tolerance = Tolerance::default();
        let (one, other) = (decide(&read, &one, &tolerance), decide(&read, &other, &tolerance));
        prop_assert_eq!(one.chosen.map(|it| &it.key), other.chosen.map(|it| &it.key));
        prop_assert_eq!(one.explanation, other.explanation);
    }

    #[test]
    fn what_is_chosen_tolerantly_is_the_nearest_by_the_margin(plates in site(), read in read()) {
        let site = expect(&plates);
        let tolerance = Tolerance::default();
        let decision = decide(&read, &site, &tolerance);
        if decision.explanation.how == How::Tolerant {
            let of = |plate: &Plate| distance_of(&read, &plate.canonical());
            let chosen = of(&plates[decision.chosen.unwrap().id]);
            prop_assert!(chosen <= tolerance.max_distance);
            for other in plates.iter().filter(|it| it.key() != decision.chosen.unwrap().key) {
                prop_assert!(of(other) >= chosen + tolerance.min_margin - ROUNDING);
            }
        }
    }

    #[test]
    fn the_distance_is_zero_for_equal_keys_only(a in plate_text(), b in plate_text()) {
        let (one, other) = (Plate::parse(&a).unwrap(), Plate::parse(&b).unwrap());
        prop_assert!(distance(&a, &a).abs() < ROUNDING);
        prop_assert_eq!(distance(&a, &b) < ROUNDING, one.same_car(&other), "{} {}", a, b);
    }

    #[test]
    fn plates_of_one_shape_are_as_far_from_each_other_as_back(a in numbered(), b in numbered()) {
        prop_assume!(a.chars().count() == b.chars().count());
        // What a reader knows of a syllable is the same both ways: both are read with the same confidence.
        prop_assert!((distance(&a, &b) - distance(&b, &a)).abs() < ROUNDING);
    }

    #[test]
    fn no_read_makes_it_panic(plates in site(), read in read()) {
        let site = expect(&plates);
        let explanation = decide(&read, &site, &Tolerance::default()).explanation;
        prop_assert!(explanation.ranked.len() <= SHOWN);
        prop_assert!(explanation.ranked.is_sorted_by(|a, b| a.distance <= b.distance) || explanation.how == How::Exact);
        prop_assert!(explanation.ranked.iter().all(|it| it.distance.is_finite()));
    }

    #[test]
    fn no_key_and_no_tolerance_makes_it_panic(
        key in any::<String>(),
        text in any::<String>(),
        read in read(),
        numbers in prop::array::uniform6(any::<f64>()),
    ) {
        let [max_distance, max_distance_if_sure, min_margin, assurance, assurance_of_list, max_serial_distance] = numbers;
        let tolerance = Tolerance {
            tolerant: true, max_distance, max_distance_if_sure, min_margin, assurance, assurance_of_list, max_serial_distance,
        };
        let _ = decide(&read, &[Expected::new(&key, &text, ())], &tolerance);
    }
}
