//! The seventeen provinces and metropolitan cities that plates name.

/// A province or metropolitan city, in the short form that stands on plates.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Hash)]
pub enum Region {
    /// 서울
    Seoul,
    /// 부산
    Busan,
    /// 대구
    Daegu,
    /// 인천
    Incheon,
    /// 광주
    Gwangju,
    /// 대전
    Daejeon,
    /// 울산
    Ulsan,
    /// 세종
    Sejong,
    /// 경기
    Gyeonggi,
    /// 강원
    Gangwon,
    /// 충북
    Chungbuk,
    /// 충남
    Chungnam,
    /// 전북
    Jeonbuk,
    /// 전남
    Jeonnam,
    /// 경북
    Gyeongbuk,
    /// 경남
    Gyeongnam,
    /// 제주
    Jeju,
}

/// Every region with its names: the short one of plates first, then the longer ones people write, longest first.
const NAMES: [(Region, &str, &[&str]); 17] = [
    (Region::Seoul, "서울", &["서울특별시", "서울시"]),
    (Region::Busan, "부산", &["부산광역시", "부산시"]),
    (Region::Daegu, "대구", &["대구광역시", "대구시"]),
    (Region::Incheon, "인천", &["인천광역시", "인천시"]),
    (Region::Gwangju, "광주", &["광주광역시", "광주시"]),
    (Region::Daejeon, "대전", &["대전광역시", "대전시"]),
    (Region::Ulsan, "울산", &["울산광역시", "울산시"]),
    (Region::Sejong, "세종", &["세종특별자치시", "세종시"]),
    (Region::Gyeonggi, "경기", &["경기도"]),
    (Region::Gangwon, "강원", &["강원특별자치도", "강원도"]),
    (Region::Chungbuk, "충북", &["충청북도"]),
    (Region::Chungnam, "충남", &["충청남도"]),
    (Region::Jeonbuk, "전북", &["전북특별자치도", "전라북도"]),
    (Region::Jeonnam, "전남", &["전라남도"]),
    (Region::Gyeongbuk, "경북", &["경상북도"]),
    (Region::Gyeongnam, "경남", &["경상남도"]),
    (Region::Jeju, "제주", &["제주특별자치도", "제주도"]),
];

impl Region {
    /// Every region, in the order of the registry.
    pub fn all() -> impl Iterator<Item = Self> {
        NAMES.iter().map(|(region, _, _)| *region)
    }

    /// The two syllables on the plate, such as `서울`.
    #[must_use]
    pub fn name(self) -> &'static str {
        NAMES[self as usize].1
    }

    /// Takes a region off the front of a text, the longest name that fits: `경기도30가1234` → 경기, `30가1234`.
    pub(in crate::domain) fn strip(text: &str) -> Option<(Self, &str)> {
        NAMES.iter().find_map(|(region, short, long)| {
            let rest = long.iter().chain([short]).find_map(|name| text.strip_prefix(name))?;
            Some((*region, rest))
        })
    }

    /// The names people write for this region besides [`Region::name`].
    #[cfg(test)]
    pub(super) fn long_names(self) -> &'static [&'static str] {
        NAMES[self as usize].2
    }
}
