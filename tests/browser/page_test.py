#!/usr/bin/python3
"""The status page in Chromium: what it shows, how it is used, and that it stays smooth.

With TIKHAUL_SCREENSHOTS=FOLDER, pictures of the page are left there for people to look at.
"""
import datetime
import os
import pathlib
import statistics
import time
import unittest

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

import colours
from browser import Browser
from stand_in import PAGE, StandIn

FIRST = datetime.date(2024, 6, 16)
DAYS = 730
NOW = "2026-06-15T12:05:00Z"


def day(index):
    return (FIRST + datetime.timedelta(index)).isoformat()


def covered(days=DAYS, settling=28):
    """Two years that are read."""
    return "f" * (days - settling - 2) + "s" * settling + "pp"


def with_letters(days, first, letters):
    return days[:first] + letters + days[first + len(letters):]


def row(number, days, name=None):
    return {"advertiser": f"70010000000000{number:05d}", "advertiser_name": name or f"Shop {number}",
            "timezone": "Europe/Berlin", "days": days}


def calendar(rows):
    return {"first_day": day(0), "last_day": day(len(rows[0]["days"]) - 1), "rows": rows, "next_page_token": ""}


def run(extract, state="running", done=40, ready=50, running=10, dead=0, **more):
    return {"id": f"b-{extract}", "extract": extract, "kind": "backfill", "state": state, "rows": "123456", "calls": "789",
            "first_day": day(0), "last_day": day(DAYS - 1), "created": NOW, "paused": False,
            "chunks": {"done": str(done), "ready": str(ready), "running": str(running), "dead": str(dead),
                       "waiting": "0", "split": "3", "cancelled": "0"}, **more}


def status(**more):
    return {"version": "0.1.0", "now": NOW, "runs": [], "workers": [], "pauses": [], "blocks": [], "faults": [],
            "dead_letters": "0", "idle": False, "extracts": [], "coordinators":
                [{"address": "127.0.0.1:7733", "leads": True, "shards": 64, "chunks": 3, "answers": True}],
            "quota": {"per_second": 10, "per_minute": 600, "per_day": "864000", "used_today": "432000",
                      "calls_per_second": 9.8, "share": 0.98, "frozen": False, "state": "open"}, **more}


def busy():
    return status(
        runs=[run("ads_daily"), run("audience", state="partial", done=97, ready=0, running=0, dead=3)],
        extracts=[{"extract": "ads_daily", "eta_seconds": 754, "calls_per_second": 9.8}],
        workers=[{"name": "worker-a", "chunks": 6, "last_seen": NOW}, {"name": "worker-b", "chunks": 4, "last_seen": NOW}],
        pauses=[{"scope": "extract", "name": "audience", "reason": "operator", "since": NOW,
                 "mend": "lift it with `tikhaul resume extract audience`"}],
        faults=["redis: connection refused"], dead_letters="1")


DEAD = {"dead_letters": [{"chunk_id": "4711", "run_id": "b-audience", "extract": "audience",
                          "advertiser": "7001000000000000001", "window": "2025-03-01..2025-03-30", "reason": "permanent",
                          "code": 40002, "message": "metric <b>reach</b> is not supported", "died": NOW, "attempts": 1,
                          "mend": "remove the metric, then retry"}], "next_page_token": ""}
HOLE = 400  # a day of the second advertiser


def rows_with_a_hole():
    rows = [row(number, covered()) for number in range(1, 6)]
    rows[1]["days"] = with_letters(covered(), HOLE, "m")
    rows[2]["days"] = with_letters(covered(), 100, "ddd")
    rows[3]["days"] = with_letters(with_letters("." * 300 + covered(430), 300, "q" * 60), 360, "r" * 20)
    rows[4]["days"] = with_letters(covered(), 200, "i" * 90)
    return rows


class PageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.browser, cls.server = Browser(), StandIn()

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        cls.server.stop()

    def setUp(self):
        self.server.headers, self.server.status = {}, 200
        self.say(status())
        self.browser.resize(1280, 900)
        self.browser.scheme("light")
        self.may_complain = False
        self.browser.complaints()
        self.browser.requests()

    def tearDown(self):
        complaints, requests = self.browser.complaints(), self.browser.requests()
        if not self.may_complain:
            self.assertEqual(complaints, [])
        for url in requests:
            self.assertTrue(url.startswith(self.server.url), url)

    # --- What tests say and ask ---
    def say(self, state, dead=None, days=None):
        self.server.answers = {
            "/api/status": state, "/api/dead-letters": dead or {"dead_letters": []},
            "/api/extracts": {"extracts": [{"name": "ads_daily", "calendar": True}, {"name": "campaigns", "calendar": False},
                                           {"name": "audience", "calendar": True}]},
            "/api/calendar": days or calendar([row(1, covered())])}

    def open(self, *arguments):
        self.say(*arguments)
        self.browser.driver.get("about:blank")
        self.browser.driver.get(self.server.url)
        self.browser.wait("the first answers are shown", lambda: self.browser.text("#live").startswith("live"))
        self.browser.wait("the calendar is told of", lambda: self.browser.text("#hole-summary"))
        self.wait_drawn()

    def wait_drawn(self):
        self.browser.wait("the calendar is drawn", lambda: self.browser.run(
            "return performance.getEntriesByName('calendar-draw').length > 0 && !view.wanted"))

    def pixel(self, row_number, day_number):
        """The colour in the middle of a cell, as #rrggbb."""
        self.wait_drawn()
        return self.browser.run("""
            const [row, day] = arguments, canvas = document.getElementById('cells'), at = document.getElementById('scroller');
            const x = view.label + (day + .5) * view.cell - at.scrollLeft, y = HEAD + (row + .5) * ROW - at.scrollTop;
            const [r, g, b] = canvas.getContext('2d').getImageData(Math.floor(x * view.ratio), Math.floor(y * view.ratio), 1, 1).data;
            return '#' + [r, g, b].map((part) => part.toString(16).padStart(2, '0')).join('');""", row_number, day_number)

    def colour(self, name):
        return self.browser.run("return getComputedStyle(document.documentElement).getPropertyValue(arguments[0]).trim()",
                                f"--day-{name}")

    def press(self, *keys):
        self.browser.driver.find_element(By.ID, "scroller").send_keys(*keys)

    def picture(self, name):
        folder = os.environ.get("TIKHAUL_SCREENSHOTS")
        if folder:
            self.browser.driver.save_screenshot(str(pathlib.Path(folder) / f"{name}.png"))

    # --- Progress and what else the status says ---
    def test_progress_with_the_time_that_is_left(self):
        self.open(busy())
        text = self.browser.text("[data-run=b-ads_daily]")
        for part in ("ads_daily", "backfill", f"{day(0)} to {day(DAYS - 1)}", "running", "40 %", "40 of 100", "10 running",
                     "123,456", "789", "about 13 min", "12:17:34 UTC", "here"):
            self.assertIn(part, text)
        self.assertEqual(self.browser.run("const p = document.querySelector('[data-run=b-ads_daily] progress');"
                                          "return [p.value, p.max, p.getAttribute('aria-label')]"), [40, 100, "ads_daily: 40 %"])
        self.assertIn("ended with dead letters", self.browser.text("[data-run=b-audience]"))

    def test_it_lives_without_a_reload(self):
        self.open(busy())
        self.browser.run("window.marker = 'the same document'")
        changed = busy()
        changed["runs"][0]["chunks"].update(done="100", ready="0", running="0")
        changed["runs"][0]["state"] = "done"
        hole = rows_with_a_hole()
        self.say(changed, DEAD, calendar(hole))
        self.browser.wait("the run is done", lambda: "100 %" in self.browser.text("[data-run=b-ads_daily]"))
        self.browser.wait("the hole is told", lambda: "1 hole with 1 missing day" in self.browser.text("#hole-summary"))
        self.assertEqual(self.browser.run("return window.marker"), "the same document")

    def test_trouble_stands_on_top_with_what_mends_it(self):
        self.open(busy(), DEAD)
        troubles = self.browser.text("#troubles")
        for part in ("redis: connection refused", "extract audience is paused: operator", "tikhaul resume extract audience",
                     "1 dead letter"):
            self.assertIn(part, troubles)
        self.open(status())
        self.assertEqual(self.browser.text("#troubles"), "")

    def test_quota_workers_and_coordinators(self):
        self.open(busy())
        quota = self.browser.text("#quota")
        for part in ("9.8 of 10 calls, 98 %", "432,000 of 864,000 calls", "open"):
            self.assertIn(part, quota)
        self.assertEqual(self.browser.run("return [...document.querySelectorAll('#quota meter')].map((m) => Math.round(100 * m.value / m.max))"),
                         [98, 50])
        self.assertIn("worker-a", self.browser.text("#workers"))
        self.assertIn("leads", self.browser.text("#coordinators"))

    def test_dead_letters_with_reason_and_command(self):
        self.open(busy(), DEAD)
        self.browser.wait("the letter is there", lambda: "4711" in self.browser.text("#dead"))
        dead = self.browser.text("#dead")
        for part in ("audience", "permanent 40002", "metric <b>reach</b> is not supported", "remove the metric",
                     "tikhaul retry 4711"):
            self.assertIn(part, dead)
        self.browser.driver.find_element(By.CSS_SELECTOR, "#dead button").click()
        self.browser.wait("it is copied", lambda: self.browser.run("return said.textContent") == "Copied: tikhaul retry 4711")

    def test_nothing_yet(self):
        self.say(status(), None, {"first_day": "", "last_day": "", "rows": [row(1, "")], "next_page_token": ""})
        self.browser.driver.get("about:blank")
        self.browser.driver.get(self.server.url)
        self.browser.wait("how to begin", lambda: "tikhaul backfill ads_daily begins" in self.browser.text("#hole-summary"))
        self.assertIn("tikhaul backfill", self.browser.text("#no-runs"))
        self.assertEqual(self.browser.text("#no-workers"), "No worker is there.")
        self.assertEqual(self.browser.text("#no-dead"), "None.")
        self.picture("empty")

    def test_names_are_text_whatever_they_hold(self):
        evil = "<img src=x onerror=\"document.title='hit'\">"
        state = busy()
        state["faults"] = [evil]
        self.open(state, DEAD, calendar([row(1, with_letters(covered(), 5, "m"), evil)]))
        self.browser.run("document.getElementById('as-table').open = true")
        self.browser.wait("the table is there", lambda: evil in self.browser.text("#rows"))
        self.assertIn(evil, self.browser.text("#holes"))
        self.assertIn(evil, self.browser.text("#troubles"))
        self.assertEqual(self.browser.driver.title, "tikhaul")

    def test_times_are_of_utc_and_of_here(self):
        self.browser.driver.execute_cdp_cmd("Emulation.setTimezoneOverride", {"timezoneId": "Asia/Tokyo"})
        self.open(status())
        self.assertIn("2026-06-15 12:05:00 UTC, 21:05:00 here", self.browser.text("#live"))
        self.browser.driver.execute_cdp_cmd("Emulation.setTimezoneOverride", {"timezoneId": ""})

    # --- The calendar ---
    def test_a_hole_of_a_day_in_two_years_is_seen_at_its_cell(self):
        for ratio in (1, 2):
            self.browser.resize(1280, 900, ratio)
            self.open(busy(), None, calendar(rows_with_a_hole()))
            self.assertEqual(self.pixel(1, HOLE), self.colour("m"))
            self.assertEqual(self.pixel(1, HOLE - 5), self.colour("f"))
            self.assertEqual(self.pixel(1, HOLE + 5), self.colour("f"))
            self.assertEqual(self.pixel(0, HOLE), self.colour("f"))
            self.assertEqual(self.pixel(2, 101), self.colour("d"))
            self.assertEqual(self.pixel(3, 370), self.colour("r"))
            self.assertEqual(self.pixel(3, 10), self.colour("none"))
            self.assertEqual(self.pixel(4, 250), self.colour("i"))
            self.assertEqual(self.pixel(0, DAYS - 10), self.colour("s"))
            wide = self.browser.run("""
                const at = HEAD + 1.5 * ROW, line = cells.getContext('2d').getImageData(0, at * view.ratio, cells.width, 1).data;
                const want = parseInt(arguments[0].slice(1), 16); let points = 0;
                for (let i = 0; i < line.length; i += 4) points += (line[i] << 16 | line[i + 1] << 8 | line[i + 2]) === want;
                return points / view.ratio;""", self.colour("m"))
            self.assertGreaterEqual(wide, 2.5, "a day is never narrower than can be seen")

    def test_holes_are_listed_with_the_command_that_mends(self):
        self.open(busy(), None, calendar(rows_with_a_hole()))
        self.assertEqual(self.browser.text("#hole-summary"),
                         "1 hole with 1 missing day and 1 dead span with 3 days among 5 advertisers and 730 days.")
        holes = self.browser.text("#holes")
        self.assertIn(f"tikhaul backfill ads_daily --advertiser 7001000000000000002 --from {day(HOLE)} --to {day(HOLE)} --again", holes)
        self.assertIn("tikhaul retry --extract ads_daily", holes)
        self.assertIn("missing 1\n", self.browser.text("#legend") + "\n")
        self.browser.run("document.querySelector('#holes li button').click()")
        self.browser.wait("it is gone to", lambda: "dead" in self.browser.text("#cell"))

    def test_keys_move_over_the_days(self):
        self.open(busy(), None, calendar(rows_with_a_hole()))
        self.press("n")
        self.assertIn(f"Shop 2 (7001000000000000002), {colours.long_date(day(HOLE))}: missing", self.browser.text("#cell"))
        self.press(Keys.ENTER)
        self.browser.wait("it is copied", lambda: "--from " + day(HOLE) in self.browser.run("return said.textContent"))
        self.press(Keys.ARROW_RIGHT)
        self.assertIn(f"{colours.long_date(day(HOLE + 1))}: final", self.browser.text("#cell"))
        self.press(Keys.ARROW_DOWN)
        self.assertIn("Shop 3", self.browser.text("#cell"))
        self.press(Keys.HOME)
        self.assertIn(colours.long_date(day(0)), self.browser.text("#cell"))
        self.press(Keys.END)
        self.assertIn(f"{colours.long_date(day(DAYS - 1))}: provisional", self.browser.text("#cell"))
        self.press(Keys.PAGE_UP)
        self.assertIn("Shop 1", self.browser.text("#cell"))
        self.press("p")
        self.assertIn("dead", self.browser.text("#cell"))
        self.press("n", "n")
        self.assertIn("dead", self.browser.text("#cell"), "after the last hole comes the first")

    def test_it_is_reached_and_left_with_the_keyboard_alone(self):
        self.open(busy(), DEAD, calendar(rows_with_a_hole()))
        seen = []
        body = self.browser.driver.find_element(By.TAG_NAME, "body")
        body.send_keys(Keys.TAB)
        for _ in range(60):
            seen.append(self.browser.run("const e = document.activeElement; return e.id || e.textContent || e.tagName"))
            ActionChains(self.browser.driver).send_keys(Keys.TAB).perform()
        self.assertEqual(seen[0], "To the calendar")
        for wanted in ("extract", "zoom", "previous", "next", "scroller"):
            self.assertIn(wanted, seen)
        self.assertNotEqual(seen[-1], "scroller")

    def test_the_pointer_tells_what_is_below_it(self):
        self.open(busy(), None, calendar(rows_with_a_hole()))
        self.browser.run("document.getElementById('map').scrollIntoView({block: 'center'})")
        across, down = self.browser.run("""
            const box = scroller.getBoundingClientRect();
            return [view.label + (arguments[0] + .5) * view.cell - box.width / 2, HEAD + 1.5 * ROW - box.height / 2]""", HOLE)
        ActionChains(self.browser.driver).move_to_element_with_offset(
            self.browser.driver.find_element(By.ID, "scroller"), round(across), round(down)).perform()
        self.browser.wait("the tip", lambda: "missing" in self.browser.text("#tip"))

    def test_zooms_keep_days_where_they_are(self):
        self.open(busy(), None, calendar(rows_with_a_hole()))
        self.press("n")
        for zoom in ("366", "92", "31"):
            self.browser.run("zoom.value = arguments[0]; zoom.dispatchEvent(new Event('change'))", zoom)
            self.press(Keys.ARROW_LEFT, Keys.ARROW_RIGHT)
            self.wait_drawn()
            time.sleep(0.1)
            shown = self.browser.run("""
                const x = view.label + calendar.day * view.cell - scroller.scrollLeft;
                return view.label <= x && x < view.width""")
            self.assertTrue(shown, zoom)
            near = self.browser.run("""
                const x = Math.floor((view.label + calendar.day * view.cell - scroller.scrollLeft + 2) * view.ratio);
                const [r, g, b] = cells.getContext('2d').getImageData(x, (HEAD + ROW + 3) * view.ratio, 1, 1).data;
                return '#' + [r, g, b].map((part) => part.toString(16).padStart(2, '0')).join('');""")
            self.assertEqual(near, self.colour("m"), zoom)
        self.picture("month")

    def test_the_table_says_the_same(self):
        self.open(busy(), None, calendar(rows_with_a_hole()))
        self.browser.driver.find_element(By.CSS_SELECTOR, "#as-table summary").click()
        self.browser.wait("the rows", lambda: "Shop 5" in self.browser.text("#rows"))
        text = self.browser.text("#rows")
        self.assertIn(day(HOLE), text)
        self.assertIn(f"{day(100)} to {day(102)}", text)
        self.assertIn("90 idle", text)
        self.assertIn("Europe/Berlin", text)

    def test_another_extract_is_chosen_and_kept(self):
        asked = []

        def answer(query):
            asked.append(query["extract"])
            return calendar([row(1, covered() if query["extract"] == "ads_daily" else with_letters(covered(), 3, "m"))])
        self.open(busy(), None, answer)
        self.assertEqual(self.browser.run("return [...extract.options].map((o) => o.value)"), ["ads_daily", "audience"])
        self.browser.run("extract.value = 'audience'; extract.dispatchEvent(new Event('change'))")
        self.browser.wait("the other", lambda: "1 hole" in self.browser.text("#hole-summary"))
        self.assertIn("#audience", self.browser.driver.current_url)
        self.browser.driver.refresh()
        self.browser.wait("it is kept", lambda: "1 hole" in self.browser.text("#hole-summary"))

    def test_pages_of_advertisers_are_put_together(self):
        def answer(query):
            number = int(query.get("page_token") or 0)
            page = calendar([row(number + 1, covered())])
            page["next_page_token"] = str(number + 1) if number < 2 else ""
            return page
        self.open(busy(), None, answer)
        self.browser.wait("three rows", lambda: "3 advertisers" in self.browser.text("#hole-summary"))

    # --- Many advertisers ---
    def test_500_advertisers_and_two_years_stay_smooth(self):
        def times(rows):
            self.open(busy(), None, calendar(rows))
            found = []
            for step in range(30):
                found.append(self.browser.driver.execute_async_script("""
                    const done = arguments[1];
                    scroller.scrollTop = arguments[0];
                    redraw();
                    requestAnimationFrame(() => requestAnimationFrame(() =>
                        done(performance.getEntriesByName('calendar-draw').at(-1).duration)));""", step * 160))
            return statistics.median(found)
        # Every other day another letter: nothing can be drawn together.
        rough = [row(number, "fs" * 365) for number in range(20)]
        few = times(rough)
        many = times(rough * 25)
        self.assertEqual(self.browser.run("return calendar.rows.length"), 500)
        self.assertLess(many, max(4 * few, 16), f"{many} ms for a picture of 500 advertisers, {few} ms of 20")
        self.assertLess(many, 100)
        took = self.browser.run("const begin = performance.now(); drawCalendar(); drawMap(); return performance.now() - begin")
        self.assertLess(took, 2000, "all that new data cost")

    def test_a_hole_among_500_advertisers_is_seen_at_once(self):
        rows = [row(number, covered()) for number in range(500)]
        rows[431]["days"] = with_letters(covered(), HOLE, "m")
        self.open(busy(), None, calendar(rows))
        self.browser.wait("it is told", lambda: "1 hole with 1 missing day" in self.browser.text("#hole-summary"))
        found = self.browser.run("""
            const {width, height} = overview, data = overview.getContext('2d').getImageData(0, 0, width, height).data;
            const want = parseInt(arguments[0].slice(1), 16), points = [];
            for (let i = 0; i < width * height; ++i)
              if ((data[4 * i] << 16 | data[4 * i + 1] << 8 | data[4 * i + 2]) === want) points.push([i % width / width, Math.floor(i / width) / height]);
            return points;""", self.colour("m"))
        self.assertTrue(found)
        for across, down in found:
            self.assertAlmostEqual(across, HOLE / DAYS, delta=0.01)
            self.assertAlmostEqual(down, 431 / 500, delta=0.02)
        self.picture("many")
        self.press("n")
        self.assertIn("Shop 431", self.browser.text("#cell"))

    # --- When the coordinator is gone ---
    def test_it_says_that_the_coordinator_is_gone_and_back(self):
        self.may_complain = True  # the browser tells of connections that are refused
        self.open(busy(), DEAD, calendar(rows_with_a_hole()))
        self.server.stop()
        self.browser.wait("it is told", lambda: "does not answer" in self.browser.text("#gone"))
        self.assertIn("What you see is from", self.browser.text("#gone"))
        self.assertIn("ads_daily", self.browser.text("#runs"), "what was known stays")
        self.assertEqual(self.browser.run("return gone.getAttribute('role')"), "alert")
        self.picture("gone")
        self.server.start()
        self.browser.wait("it is back", lambda: not self.browser.text("#gone") and self.browser.text("#live").startswith("live"))

    def test_it_says_why_there_is_no_answer(self):
        self.may_complain = True
        self.open(busy())
        self.server.status = 503
        self.server.answers["/api/status"] = {"error": "no coordinator leads at the moment"}
        self.browser.wait("why", lambda: "no coordinator leads at the moment" in self.browser.text("#gone"))

    def test_who_is_not_known_any_more_is_sent_to_the_form(self):
        self.may_complain = True
        self.open(busy())
        self.server.status = 401
        self.browser.wait("the form", lambda: self.browser.driver.current_url.endswith("/login"))
        self.assertTrue(self.browser.driver.find_element(By.ID, "token").is_displayed())
        self.picture("login")

    def test_only_a_session_can_be_logged_out_of(self):
        self.open(busy())
        self.assertEqual(self.browser.text("#logout"), "")
        self.server.headers = {"Tikhaul-Session": "yes"}
        self.browser.wait("the button", lambda: self.browser.text("#logout") == "Log out")

    def test_a_hidden_page_asks_nothing(self):
        self.open(busy())
        self.browser.run("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
        time.sleep(2.5)  # one that was on its way
        before = len(self.server.asked)
        time.sleep(2.5)
        self.assertEqual(len(self.server.asked), before)
        self.browser.run("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")
        self.browser.wait("it asks again", lambda: len(self.server.asked) > before)

    # --- For everybody ---
    def test_both_schemes(self):
        seen = {}
        for scheme in ("light", "dark"):
            self.browser.scheme(scheme)
            self.open(busy(), DEAD, calendar(rows_with_a_hole()))
            self.browser.wait("the letter is there", lambda: "4711" in self.browser.text("#dead"))
            self.picture(scheme)
            self.assertEqual(self.pixel(1, HOLE), self.colour("m"))
            seen[scheme] = (self.browser.run("return getComputedStyle(document.body).backgroundColor"), self.pixel(0, 10))
        self.assertNotEqual(seen["light"][0], seen["dark"][0])
        self.assertNotEqual(seen["light"][1], seen["dark"][1])
        self.browser.scheme("light")  # while it is open
        self.browser.wait("it is drawn anew", lambda: self.pixel(0, 10) == seen["light"][1])

    def test_texts_have_contrast(self):
        for scheme in ("light", "dark"):
            self.browser.scheme(scheme)
            self.open(busy(), DEAD, calendar(rows_with_a_hole()))
            self.browser.wait("the letter is there", lambda: "4711" in self.browser.text("#dead"))
            self.press("n")
            for text, front, back in self.browser.run(colours.TEXTS_WITH_COLOURS):
                self.assertGreaterEqual(colours.contrast(front, back), 4.5, f"{scheme}: {text!r}, {front} on {back}")

    def test_days_differ_for_the_colour_blind(self):
        for scheme in ("light", "dark"):
            self.browser.scheme(scheme)
            self.open(busy())
            shown = {name: self.colour(name) for name in ("m", "d", "r", "p", "s", "f", "i", "none")}
            for kind, matrix in colours.VISION.items():
                for trouble in ("m", "d"):
                    for other in shown:
                        if other != trouble:
                            self.assertGreater(colours.difference(shown[trouble], shown[other], matrix), 20,
                                               f"{scheme}, {kind}: {trouble} and {other}")
                for one, two in (("p", "s"), ("s", "f"), ("p", "f"), ("r", "f"), ("f", "none"), ("s", "none")):
                    self.assertGreater(colours.difference(shown[one], shown[two], matrix), 10,
                                       f"{scheme}, {kind}: {one} and {two}")

    def test_names_and_roles(self):
        self.open(busy(), DEAD, calendar(rows_with_a_hole()))
        self.browser.run("document.getElementById('as-table').open = true")
        self.assertEqual(self.browser.run(colours.STRUCTURE_PROBLEMS), [])
        self.browser.driver.get(self.server.url + "login")
        self.assertEqual(self.browser.run(colours.STRUCTURE_PROBLEMS), [])

    def test_a_narrow_window_has_all_of_it(self):
        self.browser.resize(360, 740)
        self.open(busy(), DEAD, calendar(rows_with_a_hole()))
        self.assertLessEqual(self.browser.run("return document.documentElement.scrollWidth"), 360)
        self.assertEqual(self.pixel(1, HOLE), self.colour("m"))
        self.picture("narrow")

    def test_it_is_small(self):
        self.assertLess(sum(path.stat().st_size for path in PAGE.iterdir() if path.suffix in (".html", ".css", ".js", ".svg")),
                        60_000)


if __name__ == "__main__":
    unittest.main(verbosity=2)
