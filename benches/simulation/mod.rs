//! A seeded simulation of plates, readers and policies of matching; the benchmark `matching` prints it, and a test of the
//! same name keeps its goals. Everything is drawn: no figure of it was measured on a camera.

#![allow(dead_code, reason = "the benchmark and the test each use a part")]

pub mod fleet;
pub mod policy;
pub mod reader;
pub mod trial;

/// `SplitMix64`: small, fast, and the same on every machine.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 up to 1, without 1.
    pub fn unit(&mut self) -> f64 {
        f64::from(u32::try_from(self.next() >> 32).unwrap()) / 4_294_967_296.0
    }

    /// From 0 up to `end`, without `end`.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end).unwrap()).unwrap()
    }

    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    pub fn digit(&mut self) -> char {
        char::from(b'0' + u8::try_from(self.below(10)).unwrap())
    }
}
