#!/usr/bin/python3
"""Looks at a status page as people would, and prints as JSON what it saw.

usage: look.py URL SUMMARY [TOKEN]

SUMMARY: words that the sentence about holes must come to have. TOKEN: put into the login form.
"""
import json
import sys

from selenium.webdriver.common.by import By

from browser import Browser


def main(url, summary, token=None):
    browser = Browser()
    try:
        browser.driver.get(url)
        if token:
            browser.driver.find_element(By.ID, "token").send_keys(token)
            browser.driver.find_element(By.CSS_SELECTOR, "form button").click()
        browser.wait("the page lives", lambda: browser.text("#live").startswith("live"))
        browser.wait(summary, lambda: summary in browser.text("#hole-summary"))
        browser.wait("it is drawn", lambda: browser.run(
            "return performance.getEntriesByName('calendar-draw').length > 0 && !view.wanted"))
        print(json.dumps({
            "runs": browser.text("#runs"), "troubles": browser.text("#troubles"), "workers": browser.text("#workers"),
            "coordinators": browser.text("#coordinators"), "quota": browser.text("#quota"),
            "summary": browser.text("#hole-summary"),
            "commands": browser.run("return [...document.querySelectorAll('#holes code')].map((code) => code.textContent)"),
            "letters": browser.run("return calendar.rows.map((row) => row.days)"),
            "cookies": browser.run("return document.cookie"),
            "log_out": browser.text("#logout"),
            "complaints": browser.complaints(),
            "foreign": [one for one in browser.requests() if not one.startswith(url)],
        }))
    finally:
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
