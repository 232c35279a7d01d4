/**
 * Names by origin. `latin|native` gives a name in both scripts. Separated by spaces; a plus sign stands for a
 * space inside one name. Chosen for what breaks software: diaeresis, ogonek, stroked l, thorn, okina, typographic
 * apostrophe, double names, lower-case particles, one-letter names, right-to-left scripts, characters outside the
 * basic plane.
 */
export interface Origin {
  readonly weight: number;
  readonly female: string;
  readonly male: string;
  readonly family: string;
  /** The family name stands first in the written name. */
  readonly familyFirst?: true;
  /** OMB race and ethnicity as US Core codes them. */
  readonly race: 'white' | 'black' | 'asian' | 'pacific' | 'other';
  readonly hispanic?: true;
}

export const origins: readonly Origin[] = [
  {
    weight: 20,
    race: 'white',
    female: 'Emma Zoë Charlotte Grace Mary-Ann Beth Chloë Harriet Ruth Naomi',
    male: 'James Oliver Samuel Henry Jack Theodore Will Bo Ezra Nathaniel',
    family: 'Taylor Smith-Jones Baker Ashworth Fairweather St.+John Whitlock Penhaligon Hale Ng-Carter',
  },
  {
    weight: 8,
    race: 'white',
    female: 'Siobhán Aoife Caoimhe Róisín Niamh Gráinne',
    male: 'Seán Oisín Ciarán Pádraig Tadhg Eoghan',
    family: 'O’Connor O’Brien Ní+Dhomhnaill Mac+an+Bhaird D’Arcy McGrath',
  },
  {
    weight: 14,
    race: 'white',
    hispanic: true,
    female: 'María+José Lucía Inés Begoña Ángela Concepción Itziar',
    male: 'José+Luis Ángel Íñigo Raúl Andrés Joaquín Félix',
    family: 'Núñez García+Márquez Ibáñez Peña+Ordóñez Muñoz de+la+Cruz Güell López-Otín',
  },
  {
    weight: 5,
    race: 'white',
    female: 'Inês Conceição Júlia Luísa',
    male: 'João Antônio Luís Gonçalo',
    family: 'Araújo Simões da+Conceição Magalhães dos+Santos+Leão',
  },
  {
    weight: 6,
    race: 'white',
    female: 'Maëlle Françoise Anaïs Héloïse Noémie',
    male: 'François Loïc Jérôme Benoît Gaël',
    family: 'Lefèvre d’Aubigné Gagné Côté L’Heureux Saint-Exupère',
  },
  {
    weight: 6,
    race: 'white',
    female: 'Käthe Jördis Sünje Grete',
    male: 'Jörg Günther Björn Matthäus',
    family: 'Müller Weiß von+der+Heide Schröder-Köhler Groß van+’t+Hoff',
  },
  {
    weight: 6,
    race: 'white',
    female: 'Małgorzata Zofia Agnieszka Bożena',
    male: 'Łukasz Stanisław Paweł Grzegorz',
    family: 'Wiśniewska Żółć Brzęczyszczykiewicz Dąbrowski Łęcki',
  },
  {
    weight: 4,
    race: 'white',
    female: 'Dvořka Šárka Žofie Růžena',
    male: 'Ondřej Jiří Čeněk Ľubomír',
    family: 'Dvořák Čapek Nováková Říha Ďurica',
  },
  {
    weight: 4,
    race: 'white',
    female: 'Þórunn Åse Sigríður Øydis',
    male: 'Søren Guðmundur Åke Ægir',
    family: 'Jónsdóttir Þórsson Ångström Bjørnstad Østergård',
  },
  {
    weight: 3,
    race: 'white',
    female: 'Çiğdem Gülşen Işıl Şebnem',
    male: 'İsmail Oğuz Çağrı Işık',
    family: 'Yıldız Öztürk Şahin Çelik İnce',
  },
  {
    weight: 6,
    race: 'asian',
    familyFirst: true,
    female: 'Thị+Hương Bích+Ngọc Thùy+Dương Ánh+Tuyết',
    male: 'Văn+Dũng Đức+Minh Quốc+Bảo Hữu+Phước',
    family: 'Nguyễn Trần Phạm Đặng Võ',
  },
  {
    weight: 6,
    race: 'asian',
    familyFirst: true,
    female: 'Fāng|芳 Xiùyīng|秀英 Lì|丽 Jìngyí|静怡',
    male: 'Wěi|伟 Jiànguó|建国 Hào|浩 𠮷Míng|𠮷明',
    family: 'Wáng|王 Lǐ|李 Ōuyáng|欧阳 Zhāng|张 Ng|吴',
  },
  {
    weight: 3,
    race: 'asian',
    familyFirst: true,
    female: 'Yūko|優子 Sakura|さくら Keiko|恵子',
    male: 'Kenji|健司 Shō|翔 Tarō|太郎',
    family: 'Satō|佐藤 Ōno|大野 Takahashi|髙橋',
  },
  {
    weight: 3,
    race: 'asian',
    familyFirst: true,
    female: 'Seo-yeon|서연 Ji-woo|지우 Ha-eun|하은',
    male: 'Min-jun|민준 Do-yun|도윤 Hyeon|현',
    family: 'Kim|김 Gwak|곽 Ban|반 O|오',
  },
  {
    weight: 5,
    race: 'other',
    female: 'Fāṭima|فاطمة Layla|ليلى Nūr|نور Maryam|مريم',
    male: 'Muḥammad|محمد ʿAlī|علي Yūsuf|يوسف Ṭāriq|طارق',
    family: 'al-Ḥaddād|الحداد Khoury|خوري Naṣr|نصر al-Maṣrī|المصري',
  },
  {
    weight: 2,
    race: 'white',
    female: 'Tovah|טובה Shoshana|שושנה Noa|נועה',
    male: 'Moshe|משה Itzḥak|יצחק Lev|לב',
    family: 'Ben-Ami|בן־עמי Katz|כץ Mizraḥi|מזרחי',
  },
  {
    weight: 4,
    race: 'white',
    female: 'Anastasia|Анастасия Olʹga|Ольга Lyubovʹ|Любовь',
    male: 'Ilʹya|Илья Fëdor|Фёдор Dmitrij|Дмитрий',
    family: 'Solovʹëv|Соловьёв Zhuk|Жук Shcherbyna|Щербина',
  },
  {
    weight: 2,
    race: 'white',
    female: 'Elénē|Ελένη Sofía|Σοφία',
    male: 'Giṓrgos|Γιώργος Ánghelos|Άγγελος',
    family: 'Papadópoulos|Παπαδόπουλος Oikonómou|Οικονόμου',
  },
  {
    weight: 6,
    race: 'asian',
    female: 'Priyā|प्रिया Lakṣmī|लक्ष्मी Anjali|अंजलि',
    male: 'Arjun|अर्जुन Kṛṣṇa|कृष्ण Rāhul|राहुल',
    family: 'Śarmā|शर्मा Patel|पटेल Venkataraghavan|वेंकटराघवन',
  },
  {
    weight: 8,
    race: 'black',
    female: 'Olúfúnmiláyọ̀ Ngozi Adaeze Keisha La’Tonya',
    male: 'Olúwáṣeun Chukwuemeka Kwame DeShawn D’Angelo',
    family: 'Adébáyọ̀ Nwáchukwu Ọ̀ṣọ́ Washington Ògúnbíyìí',
  },
  {
    weight: 2,
    race: 'pacific',
    female: 'Kaʻiulani Lehua Moana',
    male: 'Kekoa Nāinoa ʻIolana',
    family: 'Kamakawiwoʻole Kahananui Keʻalohilani',
  },
];

/** The words of one list. */
export const words = (list: string): readonly string[] => list.split(' ').map((word) => word.replaceAll('+', ' '));
