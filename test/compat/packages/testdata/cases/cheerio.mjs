import * as cheerio from 'cheerio'

export default async () => {
  const $ = cheerio.load('<ul id="f"><li class="a">Apple &amp; pear</li><li class="b" data-n="2">Ban<b>ana</b></li></ul><p>x<br>y')
  $('li.b').addClass('seen').attr('title', 'T').before('<li>new</li>')
  $('p').text('<set>')
  const xml = cheerio.load('<r><i k="1"/><i k="2"/></r>', { xml: true })
  return [$('li').map((_, e) => $(e).text()).get(), $('li.b').data('n'), $('#f > li:nth-child(2)').attr('title'), $('body').html(), xml('i').map((_, e) => xml(e).attr('k')).get(), xml.xml(), $('li:contains("Apple")').length, $.extract({ names: ['li'] })]
}
