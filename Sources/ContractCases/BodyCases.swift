/// Tables of bodies, by the form that they have.
package enum BodyCases {
    private typealias Case = BodyCase

    private static let form = "application/x-www-form-urlencoded"
    private static let multipart = ClientBody.multipartType
    private static let json = "application/json"

    /// All of them, each with what it is called.
    package static let all: [(name: String, cases: [BodyCase])] = [
        ("forms", forms), ("multipart forms", multiparts), ("JSON objects", jsons),
        ("raw bodies", raws),
    ]

    package static let forms: [BodyCase] = [
        Case(form, "val=bart", value: "bart"),
        Case(nil, "val=bart", value: "bart"),
        Case("\(form); charset=UTF-8", "val=bart", value: "bart"),
        Case("Application/X-WWW-Form-URLEncoded", "val=bart", value: "bart"),
        Case(form, "val=", value: ""),
        Case(form, "val=a+b%20c", value: "a b c"),
        Case(form, "val=%2b%2B%26%3D%25", value: "++&=%"),
        Case(form, "val=a=b", value: "a=b"),
        Case(form, "val=a;b", value: "a;b"),
        Case(form, "val=%C3%A9%e2%82%ac", value: "é€"),
        Case(form, Array("val=%00%FF%80".utf8), value: [0x00, 0xff, 0x80]),
        Case(form, Array("val=".utf8) + [0xff, 0x00, 0x0a], value: [0xff, 0x00, 0x0a]),
        Case(form, "%76%61%6C=bart", value: "bart"),
        Case(form, "a=1&val=bart&b=2", value: "bart"),
        Case(form, "a&b=&=c&val=bart", value: "bart"),
        Case(form, "&&val=bart&", value: "bart"),
        Case(form, "a=val&val=bart", value: "bart"),
        Case(form, "val=bart\r\n", value: "bart\r\n"),
        Case(form, #"val={"a": [1, 2]}"#, value: #"{"a": [1, 2]}"#),
        Case(form, ""),
        Case(nil, ""),
        Case(form, "val"),
        Case(form, "val&a=1"),
        Case(form, "Val=bart"),
        Case(form, "va=bart"),
        Case(form, "vall=bart"),
        Case(form, "bart"),
        Case(form, "val=a&val=b"),
        Case(form, "val=a&%76al=b"),
        Case(form, "val=%"),
        Case(form, "val=a%4"),
        Case(form, "val=%zz"),
    ]

    package static let multiparts: [BodyCase] = [
        Case(
            multipart,
            ClientBody.multipart([("val", Array("bart".utf8))]),
            value: Array("bart".utf8)
        ),
        Case(multipart, ClientBody.multipart([("val", [])]), value: []),
        Case(
            multipart,
            ClientBody.multipart([("a", [1]), ("val", Array(UInt8.min ... .max)), ("b", [])]),
            value: Array(UInt8.min ... .max)
        ),
        Case(
            multipart,
            ClientBody.multipart([("val", Array("\r\n--\r\n----x\r\n\r\n".utf8))]),
            value: Array("\r\n--\r\n----x\r\n\r\n".utf8)
        ),
        Case(
            "multipart/form-data; boundary=\"a b\"",
            ClientBody.multipart([("val", Array("bart".utf8))], boundary: "a b"),
            value: Array("bart".utf8)
        ),
        Case(
            "Multipart/Form-Data; charset=utf-8; Boundary=xyz",
            "--xyz\r\ncontent-disposition: form-data; filename=\"f.txt\"; name=\"val\"\r\n"
                + "Content-Type: text/plain\r\n\r\nbart\r\n--xyz--\r\n",
            value: "bart"
        ),
        Case(
            "multipart/form-data; boundary=xyz",
            "preamble\r\n--xyz\r\nContent-Disposition: form-data; name=\"val\"\r\n\r\n"
                + "bart\r\n--xyz--\r\nepilogue",
            value: "bart"
        ),
        Case(multipart, String(decoding: ClientBody.multipart([]), as: UTF8.self)),
        Case(multipart, String(decoding: ClientBody.multipart([("a", [65])]), as: UTF8.self)),
        Case(
            multipart,
            String(decoding: ClientBody.multipart([("val", [65]), ("val", [66])]), as: UTF8.self)
        ),
        Case(
            "multipart/form-data",
            String(decoding: ClientBody.multipart([("val", [65])]), as: UTF8.self)
        ),
        Case(
            "multipart/form-data; boundary=other",
            String(decoding: ClientBody.multipart([("val", [65])]), as: UTF8.self)
        ),
        Case(
            multipart,
            String(decoding: ClientBody.multipart([("val", [65])]).dropLast(6), as: UTF8.self)
        ),
        Case(multipart, ""),
        Case(multipart, "val=bart"),
    ]

    package static let jsons: [BodyCase] = [
        Case(json, #"{"val":"bart"}"#, value: "bart"),
        Case("\(json); charset=utf-8", #"{"val":"bart"}"#, value: "bart"),
        Case("Application/JSON", " \r\n\t{ \"val\" : \"bart\" } \n", value: "bart"),
        Case(json, #"{"val":""}"#, value: ""),
        Case(json, #"{"val":"\"\\\/\b\f\n\r\t"}"#, value: "\"\\/\u{8}\u{c}\n\r\t"),
        Case(json, #"{"val":"\u00e9\u20AC\ud83d\ude00\u0000"}"#, value: "é€😀\0"),
        Case(json, #"{"val":"é€😀"}"#, value: "é€😀"),
        Case(json, #"{"a":[1,{"val":"no"}],"val":"bart","b":null}"#, value: "bart"),
        Case(json, #"{"v\u0061l":"bart"}"#, value: "bart"),
        Case(json, #"{}"#),
        Case(json, #"{"value":"bart"}"#),
        Case(json, #"{"a":{"val":"bart"}}"#),
        Case(json, #"{"val":1}"#),
        Case(json, #"{"val":null}"#),
        Case(json, #"{"val":["bart"]}"#),
        Case(json, #"{"val":"a","val":"b"}"#),
        Case(json, #"["val"]"#),
        Case(json, #""bart""#),
        Case(json, #"{"val":"bart""#),
        Case(json, #"{"val":"bart"}x"#),
        Case(json, #"{"val":"bart",}"#),
        Case(json, #"{'val':'bart'}"#),
        Case(json, #"{"val":"\x"}"#),
        Case(json, #"{"val":"\ud83d"}"#),
        Case(json, "{\"val\":\"a\nb\"}"),
        Case(json, String(repeating: "[", count: 10_000)),
        Case(json, ""),
        Case(json, "val=bart"),
    ]

    package static let raws: [BodyCase] = [
        Case(
            "application/octet-stream",
            Array(UInt8.min ... .max),
            value: Array(UInt8.min ... .max)
        ),
        Case("application/octet-stream", "val=bart", value: "val=bart"),
        Case("application/octet-stream", "", value: ""),
        Case("text/plain", "val=bart", value: "val=bart"),
        Case("text/plain; charset=utf-8", "a+b%20c", value: "a+b%20c"),
        Case("text/plain", "", value: ""),
        Case("image/png", [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a], value: [137, 80, 78, 71, 13, 10]),
        Case("application/xml", "<val>bart</val>", value: "<val>bart</val>"),
        Case("application/jsonx", #"{"val":"bart"}"#, value: #"{"val":"bart"}"#),
        Case("multipart/mixed; boundary=x", "--x--", value: "--x--"),
    ]
}
