import Drawings
import Testing

@Suite struct TextTests {
    @Test func numbersHaveTheirDigits() {
        #expect(fixedPoint(0.12345) == "0.1235" && fixedPoint(1) == "1.0000" && fixedPoint(0.99996) == "1.0000")
        #expect(fixedPoint(-0.5, digits: 1) == "-0.5" && fixedPoint(-0.001, digits: 1) == "0.0")
        #expect(fixedPoint(2.5, digits: 0) == "3" && fixedPoint(.nan) == "nan" && fixedPoint(1e300) == "1e+300")
    }

    @Test func textMeansItselfInXML() {
        #expect(escapedForXML("<a b=\"c\"> & d's") == "&lt;a b=&quot;c&quot;&gt; &amp; d's")
        #expect(escapedForXML("one\u{0}two\nthree\u{7f}four\u{9f}") == "one two three four ")
        // A sign with an accent is one character, and a sign all the same.
        #expect(escapedForXML("<\u{338}\u{1F984}") == "&lt;\u{338}\u{1F984}")
    }
}
