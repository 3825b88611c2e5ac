/** What the hosted page itself says, in every language: a few sentences, in one file. */

import type { Tag } from "./tags";

export interface HostedWords {
  talkTo: string;
  peopleAsk: string;
  sample: string;
  nobody: string;
  nobodyWhat: string;
  failed: string;
  failedWhat: string;
}

export const HOSTED: Readonly<Record<Tag, HostedWords>> = {
  en: {
    talkTo: "Talk to {name}",
    peopleAsk: "People ask",
    sample: "Sample company: its content is made up to show the product.",
    nobody: "No company here",
    nobodyWhat: "Nobody is registered under “{slug}”. Check the address, or seed the company first.",
    failed: "This page cannot be shown right now",
    failedWhat: "The profile of “{slug}” could not be read. Try again in a minute.",
  },
  de: {
    talkTo: "Sprechen Sie mit {name}",
    peopleAsk: "Häufig gefragt",
    sample: "Beispielunternehmen: Die Inhalte sind erfunden, um das Produkt zu zeigen.",
    nobody: "Hier ist kein Unternehmen",
    nobodyWhat: "Unter „{slug}“ ist niemand eingetragen. Bitte prüfen Sie die Adresse.",
    failed: "Diese Seite kann gerade nicht angezeigt werden",
    failedWhat: "Das Profil von „{slug}“ konnte nicht gelesen werden. Bitte versuchen Sie es in einer Minute noch einmal.",
  },
  fr: {
    talkTo: "Parlez avec {name}",
    peopleAsk: "Questions fréquentes",
    sample: "Entreprise fictive : son contenu est inventé pour montrer le produit.",
    nobody: "Aucune entreprise ici",
    nobodyWhat: "Personne n’est inscrit sous « {slug} ». Vérifiez l’adresse.",
    failed: "Cette page ne peut pas être affichée pour le moment",
    failedWhat: "Le profil de « {slug} » n’a pas pu être lu. Réessayez dans une minute.",
  },
  es: {
    talkTo: "Hable con {name}",
    peopleAsk: "Preguntas frecuentes",
    sample: "Empresa de ejemplo: su contenido es inventado para mostrar el producto.",
    nobody: "Aquí no hay ninguna empresa",
    nobodyWhat: "No hay nadie registrado como «{slug}». Compruebe la dirección.",
    failed: "Esta página no se puede mostrar ahora",
    failedWhat: "No se ha podido leer el perfil de «{slug}». Inténtelo de nuevo en un minuto.",
  },
  it: {
    talkTo: "Parli con {name}",
    peopleAsk: "Domande frequenti",
    sample: "Azienda di esempio: i contenuti sono inventati per mostrare il prodotto.",
    nobody: "Qui non c’è nessuna azienda",
    nobodyWhat: "Nessuno è registrato come “{slug}”. Controlli l’indirizzo.",
    failed: "Questa pagina non può essere mostrata ora",
    failedWhat: "Non è stato possibile leggere il profilo di “{slug}”. Riprovi tra un minuto.",
  },
  pt: {
    talkTo: "Fale com {name}",
    peopleAsk: "Perguntas frequentes",
    sample: "Empresa de exemplo: o conteúdo é inventado para mostrar o produto.",
    nobody: "Não há nenhuma empresa aqui",
    nobodyWhat: "Ninguém está registrado como “{slug}”. Verifique o endereço.",
    failed: "Esta página não pode ser exibida agora",
    failedWhat: "Não foi possível ler o perfil de “{slug}”. Tente novamente em um minuto.",
  },
  nl: {
    talkTo: "Praat met {name}",
    peopleAsk: "Veelgestelde vragen",
    sample: "Voorbeeldbedrijf: de inhoud is verzonnen om het product te tonen.",
    nobody: "Hier is geen bedrijf",
    nobodyWhat: "Er is niemand geregistreerd als ‘{slug}’. Controleer het adres.",
    failed: "Deze pagina kan nu niet worden getoond",
    failedWhat: "Het profiel van ‘{slug}’ kon niet worden gelezen. Probeer het over een minuut nog eens.",
  },
  pl: {
    talkTo: "Porozmawiaj z {name}",
    peopleAsk: "Częste pytania",
    sample: "Przykładowa firma: treść jest zmyślona, aby pokazać produkt.",
    nobody: "Nie ma tu żadnej firmy",
    nobodyWhat: "Nikt nie jest zarejestrowany jako „{slug}”. Sprawdź adres.",
    failed: "Tej strony nie można teraz wyświetlić",
    failedWhat: "Nie udało się odczytać profilu „{slug}”. Spróbuj ponownie za minutę.",
  },
  tr: {
    talkTo: "{name} ile konuşun",
    peopleAsk: "Sık sorulanlar",
    sample: "Örnek şirket: içerik, ürünü göstermek için uydurulmuştur.",
    nobody: "Burada bir şirket yok",
    nobodyWhat: "“{slug}” adıyla kayıtlı kimse yok. Lütfen adresi kontrol edin.",
    failed: "Bu sayfa şu anda gösterilemiyor",
    failedWhat: "“{slug}” profili okunamadı. Lütfen bir dakika sonra yeniden deneyin.",
  },
  ja: {
    talkTo: "{name}に聞いてみる",
    peopleAsk: "よくある質問",
    sample: "サンプル企業です。内容は製品紹介のための架空のものです。",
    nobody: "会社が見つかりません",
    nobodyWhat: "「{slug}」は登録されていません。アドレスをご確認ください。",
    failed: "現在このページを表示できません",
    failedWhat: "「{slug}」のプロフィールを読み込めませんでした。1分後にもう一度お試しください。",
  },
  zh: {
    talkTo: "与 {name} 交谈",
    peopleAsk: "常见问题",
    sample: "示例公司:内容为展示产品而虚构。",
    nobody: "这里没有公司",
    nobodyWhat: "没有以“{slug}”注册的公司。请检查地址。",
    failed: "暂时无法显示此页面",
    failedWhat: "无法读取“{slug}”的资料。请一分钟后重试。",
  },
  ko: {
    talkTo: "{name}에 문의하기",
    peopleAsk: "자주 묻는 질문",
    sample: "샘플 회사: 제품을 보여 주기 위해 만든 가상의 내용입니다.",
    nobody: "회사를 찾을 수 없습니다",
    nobodyWhat: "‘{slug}’(으)로 등록된 회사가 없습니다. 주소를 확인해 주세요.",
    failed: "지금은 이 페이지를 표시할 수 없습니다",
    failedWhat: "‘{slug}’의 프로필을 읽지 못했습니다. 1분 후 다시 시도해 주세요.",
  },
  ar: {
    talkTo: "تحدَّث مع {name}",
    peopleAsk: "أسئلة شائعة",
    sample: "شركة للعرض: محتواها مُختلَق لإظهار المنتج.",
    nobody: "لا توجد شركة هنا",
    nobodyWhat: "لا أحد مسجَّل باسم «{slug}». يُرجى التحقق من العنوان.",
    failed: "لا يمكن عرض هذه الصفحة الآن",
    failedWhat: "تعذّرت قراءة ملف «{slug}». يُرجى المحاولة بعد دقيقة.",
  },
  he: {
    talkTo: "לדבר עם {name}",
    peopleAsk: "שאלות נפוצות",
    sample: "חברה לדוגמה: התוכן הומצא כדי להציג את המוצר.",
    nobody: "אין כאן חברה",
    nobodyWhat: "אין מי שרשום בשם ״{slug}״. בדקו את הכתובת.",
    failed: "אי אפשר להציג את הדף הזה כרגע",
    failedWhat: "לא היה אפשר לקרוא את הפרופיל של ״{slug}״. נסו שוב בעוד דקה.",
  },
};
