// Names in Chinese characters: simplified, read as Chinese and as Korean, surnames as they are spelt in Hong Kong and
// Taiwan too, and the words of company names by what they mean.

import { Converter } from "opencc-js/t2cn";
import { pinyin } from "pinyin-pro";

const toSimplified = Converter({ from: "t", to: "cn" });

/** Traditional characters as simplified ones. */
export function simplified(text: string): string {
  return toSimplified(text);
}

export function hasHan(text: string): boolean {
  return /\p{Script=Han}/u.test(text);
}

/**
 * Words that company names translate instead of spelling. Longest first. From the registered English names of Chinese
 * companies; a word may have several usual translations, the commonest stands here and `SAME_WORDS` joins the others.
 */
const WORDS: readonly (readonly [string, string])[] = [
  ["股份有限公司", "CO LTD"],
  ["有限责任公司", "CO LTD"],
  ["有限公司", "CO LTD"],
  ["集团公司", "GROUP"],
  ["集团", "GROUP"],
  ["进出口", "IMPORT EXPORT"],
  ["国际", "INTERNATIONAL"],
  ["电子商务", "E COMMERCE"],
  ["供应链", "SUPPLY CHAIN"],
  ["实业", "INDUSTRIAL"],
  ["工业", "INDUSTRY"],
  ["发展", "DEVELOPMENT"],
  ["贸易", "TRADING"],
  ["商贸", "TRADING"],
  ["外贸", "FOREIGN TRADE"],
  ["科技", "TECHNOLOGY"],
  ["技术", "TECHNOLOGY"],
  ["电子", "ELECTRONICS"],
  ["机械", "MACHINERY"],
  ["设备", "EQUIPMENT"],
  ["物流", "LOGISTICS"],
  ["运输", "TRANSPORT"],
  ["航运", "SHIPPING"],
  ["船务", "SHIPPING"],
  ["化工", "CHEMICAL"],
  ["石油", "PETROLEUM"],
  ["能源", "ENERGY"],
  ["投资", "INVESTMENT"],
  ["控股", "HOLDINGS"],
  ["建筑", "CONSTRUCTION"],
  ["工程", "ENGINEERING"],
  ["材料", "MATERIALS"],
  ["金属", "METAL"],
  ["钢铁", "STEEL"],
  ["矿业", "MINING"],
  ["食品", "FOOD"],
  ["医药", "PHARMACEUTICAL"],
  ["药业", "PHARMACEUTICAL"],
  ["服装", "GARMENT"],
  ["纺织", "TEXTILE"],
  ["玩具", "TOYS"],
  ["家具", "FURNITURE"],
  ["信息", "INFORMATION"],
  ["网络", "NETWORK"],
  ["软件", "SOFTWARE"],
  ["通信", "COMMUNICATIONS"],
  ["汽车", "AUTO"],
  ["摩托", "MOTORCYCLE"],
  ["精密", "PRECISION"],
  ["五金", "HARDWARE"],
  ["塑料", "PLASTICS"],
  ["银行", "BANK"],
  ["保险", "INSURANCE"],
  ["公司", "COMPANY"],
  ["厂", "FACTORY"],
];

/** Places that stand before a company's own name. Provinces, and cities that export most or that lists name. */
const PLACES = [
  "黑龙江",
  "内蒙古",
  "石家庄",
  "呼和浩特",
  "哈尔滨",
  "张家港",
  "连云港",
  "北京",
  "上海",
  "天津",
  "重庆",
  "广东",
  "广州",
  "深圳",
  "东莞",
  "佛山",
  "中山",
  "珠海",
  "惠州",
  "汕头",
  "江苏",
  "南京",
  "苏州",
  "无锡",
  "常州",
  "南通",
  "浙江",
  "杭州",
  "宁波",
  "温州",
  "义乌",
  "绍兴",
  "台州",
  "金华",
  "嘉兴",
  "福建",
  "福州",
  "厦门",
  "泉州",
  "山东",
  "济南",
  "青岛",
  "烟台",
  "威海",
  "潍坊",
  "辽宁",
  "沈阳",
  "大连",
  "丹东",
  "营口",
  "吉林",
  "长春",
  "延边",
  "珲春",
  "河北",
  "唐山",
  "河南",
  "郑州",
  "湖北",
  "武汉",
  "湖南",
  "长沙",
  "江西",
  "南昌",
  "安徽",
  "合肥",
  "四川",
  "成都",
  "绵阳",
  "贵州",
  "贵阳",
  "云南",
  "昆明",
  "陕西",
  "西安",
  "山西",
  "太原",
  "甘肃",
  "兰州",
  "新疆",
  "广西",
  "南宁",
  "海南",
  "海口",
  "香港",
  "澳门",
  "台湾",
  "中国",
] as const;

/** Spellings of places that are no pinyin. */
const PLACE_SPELLINGS: Readonly<Record<string, string>> = {
  香港: "HONG KONG",
  澳门: "MACAU",
  台湾: "TAIWAN",
  中国: "CHINA",
  内蒙古: "INNER MONGOLIA",
  陕西: "SHAANXI",
};

/** Readings of characters in Korean names, as the north and the lists spell them. */
const KOREAN: Readonly<Record<string, string>> = {
  金: "KIM",
  李: "RI",
  朴: "PAK",
  崔: "CHOE",
  郑: "JONG",
  姜: "KANG",
  赵: "JO",
  尹: "YUN",
  张: "JANG",
  林: "RIM",
  韩: "HAN",
  吴: "O",
  徐: "SO",
  申: "SIN",
  权: "KWON",
  黄: "HWANG",
  安: "AN",
  宋: "SONG",
  全: "JON",
  洪: "HONG",
  柳: "RYU",
  高: "KO",
  正: "JONG",
  恩: "UN",
  日: "IL",
  成: "SONG",
  永: "YONG",
  哲: "CHOL",
  明: "MYONG",
  国: "KUK",
  光: "KWANG",
  南: "NAM",
  男: "NAM",
  女: "NYO",
  与: "YO",
  京: "KYONG",
  喜: "HUI",
  姬: "HUI",
  雪: "SOL",
  松: "SONG",
  海: "HAE",
  龙: "RYONG",
  虎: "HO",
  俊: "JUN",
  浩: "HO",
  民: "MIN",
  英: "YONG",
  秀: "SU",
  东: "TONG",
  石: "SOK",
  春: "CHUN",
  学: "HAK",
  在: "JAE",
  勋: "HUN",
  镇: "JIN",
  真: "JIN",
  炳: "PYONG",
  奎: "KYU",
  植: "SIK",
  吉: "KIL",
  星: "SONG",
  银: "UN",
  河: "HA",
  善: "SON",
  顺: "SUN",
};

/** Surnames as Hong Kong spells them, and as Wade and Giles did. */
const SURNAMES: Readonly<Record<string, readonly string[]>> = {
  陈: ["CHAN", "CHEN"],
  黄: ["WONG", "HUANG"],
  王: ["WONG", "WANG"],
  林: ["LAM", "LIN"],
  李: ["LEE", "LI"],
  张: ["CHEUNG", "CHANG"],
  刘: ["LAU", "LIU"],
  吴: ["NG", "WU"],
  周: ["CHOW", "CHOU"],
  梁: ["LEUNG", "LIANG"],
  郑: ["CHENG", "CHENG"],
  何: ["HO"],
  谢: ["TSE", "HSIEH"],
  许: ["HUI", "HSU"],
  徐: ["TSUI", "HSU"],
  蔡: ["CHOI", "TSAI"],
  曾: ["TSANG", "TSENG"],
  叶: ["YIP", "YEH"],
  邓: ["TANG", "TENG"],
  赵: ["CHIU", "CHAO"],
  杨: ["YEUNG", "YANG"],
  朱: ["CHU"],
  冯: ["FUNG", "FENG"],
  郭: ["KWOK", "KUO"],
  谭: ["TAM", "TAN"],
  罗: ["LAW", "LO"],
  余: ["YU"],
  马: ["MA"],
  蒋: ["CHEUNG", "CHIANG"],
  江: ["KONG", "CHIANG"],
  萧: ["SIU", "HSIAO"],
};

const WORD_LIST = [...WORDS].sort(([a], [b]) => b.length - a.length);

export function isCompany(text: string): boolean {
  return WORD_LIST.some(([word]) => word.length > 1 && text.includes(word));
}

/** Readings of a person's name, each as its parts. */
export function personReadings(text: string): readonly (readonly string[])[] {
  const letters = Array.from(text);
  const read = pinyin(text, { toneType: "none", type: "array", surname: "head", v: true }).map(
    (one) => one.toUpperCase(),
  );
  const [surname = "", ...given] = read;
  const korean = letters.map((letter) => KOREAN[letter]);
  const [first = ""] = letters;
  return [
    [surname, given.join("")],
    [surname, ...given],
    ...(SURNAMES[first] ?? []).map((spelt) => [spelt, ...given]),
    ...(korean.every((reading) => reading !== undefined)
      ? [korean.filter((reading) => reading !== undefined)]
      : []),
  ];
}

/** Translations and readings of a company's name, each as its parts: its own name is split in the ways it may be spelt. */
export function companyReadings(text: string): readonly (readonly string[])[] {
  const before: string[] = [];
  const after: string[] = [];
  let rest = text;
  for (;;) {
    const place = PLACES.find((one) => rest.startsWith(one));
    if (place === undefined) break;
    before.push(...(PLACE_SPELLINGS[place]?.split(" ") ?? [joined(place)]));
    rest = rest.slice(place.length).replace(/^[省市县区]/, "");
  }
  for (;;) {
    const word = WORD_LIST.find(([one]) => rest.endsWith(one) && rest.length > one.length);
    if (word === undefined) break;
    after.unshift(...word[1].split(" "));
    rest = rest.slice(0, -word[0].length);
  }
  return splits(rest).map((own) => [...before, ...own, ...after]);
}

function splits(own: string): readonly (readonly string[])[] {
  const letters = Array.from(own);
  const singly = letters.map(joined);
  const pairs =
    letters.length <= 2
      ? []
      : [
          letters.flatMap((_, at) =>
            at % 2 === 0 ? [joined(letters.slice(at, at + 2).join(""))] : [],
          ),
        ];
  return [[joined(own)], ...pairs, singly];
}

function joined(text: string): string {
  return pinyin(text, { toneType: "none", type: "array", v: true }).join("").toUpperCase();
}
