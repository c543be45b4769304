<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de_DE">
<context>
    <name>AboutPage</name>
    <message>
        <source>Restores the faces in old photos with GFP-GAN, on this computer. The program is under Apache-2.0; the bundled models are for non-commercial use. Qt is used under the LGPL.</source>
        <translation>Stellt die Gesichter auf alten Fotos mit GFP-GAN wieder her, auf diesem Computer. Das Programm steht unter Apache-2.0; die mitgelieferten Modelle sind für nichtkommerzielle Zwecke. Qt wird unter der LGPL verwendet.</translation>
    </message>
    <message>
        <source>Copy this report</source>
        <translation>Diesen Bericht kopieren</translation>
    </message>
    <message>
        <source>Licences…</source>
        <translation>Lizenzen…</translation>
    </message>
</context>
<context>
    <name>Actions</name>
    <message>
        <source>&amp;Open photos…</source>
        <translation>Fotos ö&amp;ffnen…</translation>
    </message>
    <message>
        <source>Open a &amp;folder…</source>
        <translation>O&amp;rdner öffnen…</translation>
    </message>
    <message>
        <source>&amp;Export…</source>
        <translation>&amp;Exportieren…</translation>
    </message>
    <message>
        <source>Export &amp;all restored photos…</source>
        <translation>&amp;Alle wiederhergestellten Fotos exportieren…</translation>
    </message>
    <message>
        <source>&amp;Settings…</source>
        <translation>E&amp;instellungen…</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>&amp;Beenden</translation>
    </message>
    <message>
        <source>&amp;Keys and gestures</source>
        <translation>&amp;Tasten und Gesten</translation>
    </message>
    <message>
        <source>&amp;Open the log</source>
        <translation>&amp;Protokoll öffnen</translation>
    </message>
    <message>
        <source>&amp;About GFP-GAN Desktop</source>
        <translation>Ü&amp;ber GFP-GAN Desktop</translation>
    </message>
    <message>
        <source>&amp;Copy the restored photo</source>
        <translation>Das wiederhergestellte Foto &amp;kopieren</translation>
    </message>
    <message>
        <source>&amp;Paste photos</source>
        <translation>Fotos &amp;einfügen</translation>
    </message>
    <message>
        <source>&amp;Restore</source>
        <translation>&amp;Wiederherstellen</translation>
    </message>
    <message>
        <source>Restore &amp;all</source>
        <translation>&amp;Alle wiederherstellen</translation>
    </message>
    <message>
        <source>Turn &amp;left</source>
        <translation>Nach &amp;links drehen</translation>
    </message>
    <message>
        <source>Turn r&amp;ight</source>
        <translation>Nach r&amp;echts drehen</translation>
    </message>
    <message>
        <source>&amp;Straighten and crop…</source>
        <translation>&amp;Gerade richten und beschneiden…</translation>
    </message>
    <message>
        <source>&amp;Next photo</source>
        <translation>&amp;Nächstes Foto</translation>
    </message>
    <message>
        <source>&amp;Previous photo</source>
        <translation>&amp;Voriges Foto</translation>
    </message>
    <message>
        <source>F&amp;irst photo</source>
        <translation>E&amp;rstes Foto</translation>
    </message>
    <message>
        <source>L&amp;ast photo</source>
        <translation>&amp;Letztes Foto</translation>
    </message>
    <message>
        <source>&amp;Divider</source>
        <translation>&amp;Trennlinie</translation>
    </message>
    <message>
        <source>Side by &amp;side</source>
        <translation>&amp;Nebeneinander</translation>
    </message>
    <message>
        <source>&amp;After</source>
        <translation>N&amp;achher</translation>
    </message>
    <message>
        <source>&amp;Before</source>
        <translation>&amp;Vorher</translation>
    </message>
    <message>
        <source>&amp;Lens</source>
        <translation>&amp;Lupe</translation>
    </message>
    <message>
        <source>&amp;Turn the divider</source>
        <translation>Trennlinie &amp;drehen</translation>
    </message>
    <message>
        <source>Move both pictures &amp;apart</source>
        <translation>Beide Bilder &amp;getrennt bewegen</translation>
    </message>
    <message>
        <source>&amp;Fit</source>
        <translation>&amp;Einpassen</translation>
    </message>
    <message>
        <source>&amp;100 %</source>
        <translation>&amp;100 %</translation>
    </message>
    <message>
        <source>Zoom &amp;in</source>
        <translation>Ver&amp;größern</translation>
    </message>
    <message>
        <source>Zoom &amp;out</source>
        <translation>Ver&amp;kleinern</translation>
    </message>
    <message>
        <source>&amp;Mark faces</source>
        <translation>Gesichter &amp;markieren</translation>
    </message>
    <message>
        <source>&amp;Move and choose</source>
        <translation>&amp;Verschieben und wählen</translation>
    </message>
    <message>
        <source>Draw a missed &amp;face</source>
        <translation>Übersehenes &amp;Gesicht einrahmen</translation>
    </message>
    <message>
        <source>Mark eyes and &amp;mouth</source>
        <translation>Augen und &amp;Mund markieren</translation>
    </message>
    <message>
        <source>&amp;Eraser</source>
        <translation>&amp;Radierer</translation>
    </message>
    <message>
        <source>&amp;Restore brush</source>
        <translation>&amp;Wiederherstellungspinsel</translation>
    </message>
</context>
<context>
    <name>AdvancedSettings</name>
    <message>
        <source>Find a setting</source>
        <translation>Einstellung suchen</translation>
    </message>
</context>
<context>
    <name>Amounts</name>
    <message>
        <source>about {days} days</source>
        <translation>etwa {days} Tage</translation>
    </message>
    <message>
        <source>about {hours} h {minutes} min</source>
        <translation>etwa {hours} Std. {minutes} Min.</translation>
    </message>
    <message>
        <source>about {hours} h</source>
        <translation>etwa {hours} Std.</translation>
    </message>
    <message>
        <source>about {minutes} min</source>
        <translation>etwa {minutes} Min.</translation>
    </message>
    <message>
        <source>less than a minute</source>
        <translation>weniger als eine Minute</translation>
    </message>
</context>
<context>
    <name>BlendControls</name>
    <message>
        <source> %</source>
        <translation> %</translation>
    </message>
    <message>
        <source>As suits the face</source>
        <translation>Passend zum Gesicht</translation>
    </message>
    <message>
        <source>As fits the photo</source>
        <translation>Wie es zum Foto passt</translation>
    </message>
    <message>
        <source>Keep the photo&apos;s</source>
        <translation>Die des Fotos behalten</translation>
    </message>
    <message>
        <source>The model&apos;s (colourises)</source>
        <translation>Die des Modells (koloriert)</translation>
    </message>
    <message>
        <source>Keep fine detail of sharp faces</source>
        <translation>Feine Details scharfer Gesichter behalten</translation>
    </message>
    <message>
        <source>Match the photo&apos;s grain</source>
        <translation>Korn des Fotos angleichen</translation>
    </message>
    <message>
        <source>&amp;Strength</source>
        <translation>&amp;Stärke</translation>
    </message>
    <message>
        <source>&amp;Colours</source>
        <translation>&amp;Farben</translation>
    </message>
    <message>
        <source>Strength in percent</source>
        <translation>Stärke in Prozent</translation>
    </message>
    <message>
        <source>0 % is the photo as it was, 100 % the restored face</source>
        <translation>0 % ist das Foto, wie es war, 100 % das wiederhergestellte Gesicht</translation>
    </message>
    <message>
        <source>Less than 100 % where the face is sharp already and the model might change it too much</source>
        <translation>Weniger als 100 %, wo das Gesicht schon scharf ist und das Modell es zu sehr verändern könnte</translation>
    </message>
</context>
<context>
    <name>Closing</name>
    <message numerus="yes">
        <source>%n photo(s) closed.</source>
        <translation>
            <numerusform>%n Foto geschlossen.</numerusform>
            <numerusform>%n Fotos geschlossen.</numerusform>
        </translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
</context>
<context>
    <name>ClosingQuestion</name>
    <message>
        <source>A model is being trained.</source>
        <translation>Ein Modell wird gerade trainiert.</translation>
    </message>
    <message>
        <source>Keep training in the background</source>
        <translation>Im Hintergrund weiter trainieren</translation>
    </message>
    <message>
        <source>Save, stop and close</source>
        <translation>Speichern, beenden und schließen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Saving what was learned; the window closes then.</source>
        <translation>Das Gelernte wird gespeichert; dann schließt sich das Fenster.</translation>
    </message>
</context>
<context>
    <name>Collection</name>
    <message numerus="yes">
        <source> %n other photo(s) could not be used either.</source>
        <translation>
            <numerusform> %n weiteres Foto war auch nicht zu gebrauchen.</numerusform>
            <numerusform> %n weitere Fotos waren auch nicht zu gebrauchen.</numerusform>
        </translation>
    </message>
    <message>
        <source>These photos are in the collection already.</source>
        <translation>Diese Fotos sind schon in der Sammlung.</translation>
    </message>
</context>
<context>
    <name>CompareView</name>
    <message>
        <source>Photo, before and after</source>
        <translation>Foto, vorher und nachher</translation>
    </message>
    <message>
        <source>Before</source>
        <translation>Vorher</translation>
    </message>
    <message>
        <source>After</source>
        <translation>Nachher</translation>
    </message>
</context>
<context>
    <name>CropFrame</name>
    <message>
        <source>Crop frame</source>
        <translation>Beschnittrahmen</translation>
    </message>
</context>
<context>
    <name>DevicePage</name>
    <message>
        <source>The best there is</source>
        <translation>Das beste vorhandene</translation>
    </message>
    <message>
        <source>Processor (PyTorch)</source>
        <translation>Prozessor (PyTorch)</translation>
    </message>
    <message>
        <source>Processor (OpenVINO)</source>
        <translation>Prozessor (OpenVINO)</translation>
    </message>
    <message>
        <source>Intel graphics (OpenVINO)</source>
        <translation>Intel-Grafik (OpenVINO)</translation>
    </message>
    <message>
        <source>Intel NPU (OpenVINO)</source>
        <translation>Intel-NPU (OpenVINO)</translation>
    </message>
    <message>
        <source>NVIDIA graphics</source>
        <translation>NVIDIA-Grafik</translation>
    </message>
    <message>
        <source>Apple graphics</source>
        <translation>Apple-Grafik</translation>
    </message>
    <message>
        <source>&amp;Device</source>
        <translation>&amp;Gerät</translation>
    </message>
    <message>
        <source>As is best</source>
        <translation>Wie es am besten ist</translation>
    </message>
    <message>
        <source>&amp;Precision</source>
        <translation>Ge&amp;nauigkeit</translation>
    </message>
    <message>
        <source>&amp;Threads</source>
        <translation>&amp;Threads</translation>
    </message>
    <message>
        <source>Test this device</source>
        <translation>Dieses Gerät testen</translation>
    </message>
    <message>
        <source>What the networks run on. Results differ by less than anybody can see.</source>
        <translation>Worauf die Netze laufen. Die Ergebnisse unterscheiden sich weniger, als man sehen kann.</translation>
    </message>
    <message>
        <source>Testing; the first time a model is prepared, which takes a while …</source>
        <translation>Test läuft; beim ersten Mal wird ein Modell vorbereitet, das dauert etwas …</translation>
    </message>
    <message>
        <source>{device}: {ms} ms a face</source>
        <translation>{device}: {ms} ms je Gesicht</translation>
    </message>
</context>
<context>
    <name>DividedPicture</name>
    <message>
        <source>The first samples come soon</source>
        <translation>Die ersten Beispiele kommen bald</translation>
    </message>
</context>
<context>
    <name>EmptyState</name>
    <message>
        <source>Drop old photos here</source>
        <translation>Alte Fotos hier ablegen</translation>
    </message>
    <message>
        <source>Blurred, scratched or small: the faces in them are found and restored.
Everything happens on this computer; no photo leaves it.</source>
        <translation>Unscharf, zerkratzt oder klein: Die Gesichter darauf werden gefunden und wiederhergestellt.
Alles geschieht auf diesem Computer; kein Foto verlässt ihn.</translation>
    </message>
    <message>
        <source>Open photos…</source>
        <translation>Fotos öffnen…</translation>
    </message>
    <message>
        <source>Show the models…</source>
        <translation>Modelle zeigen…</translation>
    </message>
    <message>
        <source>It works at once with the small models that came along.
The full-size ones restore far more detail ({size} MB to download).</source>
        <translation>Mit den kleinen mitgelieferten Modellen geht es sofort los.
Die großen stellen weit mehr Einzelheiten wieder her ({size} MB zum Herunterladen).</translation>
    </message>
</context>
<context>
    <name>ExportDialog</name>
    <message numerus="yes">
        <source>Export %n photo(s)</source>
        <translation>
            <numerusform>%n Foto exportieren</numerusform>
            <numerusform>%n Fotos exportieren</numerusform>
        </translation>
    </message>
    <message>
        <source>Beside each photo</source>
        <translation>Neben jedes Foto</translation>
    </message>
    <message>
        <source>Into the folder</source>
        <translation>In den Ordner</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>Wählen…</translation>
    </message>
    <message>
        <source>As the photo was</source>
        <translation>Wie beim Foto</translation>
    </message>
    <message>
        <source>Keep date, place and other metadata</source>
        <translation>Datum, Ort und andere Metadaten behalten</translation>
    </message>
    <message>
        <source>Note the model and its licence in the metadata</source>
        <translation>Das Modell und seine Lizenz in den Metadaten vermerken</translation>
    </message>
    <message>
        <source>Keep the photo&apos;s time stamps</source>
        <translation>Zeitstempel des Fotos behalten</translation>
    </message>
    <message>
        <source>Also each restored face</source>
        <translation>Auch jedes wiederhergestellte Gesicht</translation>
    </message>
    <message>
        <source>Also a picture before and after</source>
        <translation>Auch ein Vorher-Nachher-Bild</translation>
    </message>
    <message>
        <source>Also an animation from before to after (WebP)</source>
        <translation>Auch eine Animation von vorher zu nachher (WebP)</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Exportieren</translation>
    </message>
    <message>
        <source>As the photo is</source>
        <translation>Wie das Foto</translation>
    </message>
    <message>
        <source>As the photo has it</source>
        <translation>Wie beim Foto</translation>
    </message>
    <message>
        <source>8 bits a channel</source>
        <translation>8 Bit je Kanal</translation>
    </message>
    <message>
        <source>Give the new one another name</source>
        <translation>Der neuen einen anderen Namen geben</translation>
    </message>
    <message>
        <source>Replace it</source>
        <translation>Sie ersetzen</translation>
    </message>
    <message>
        <source>Leave the photo out</source>
        <translation>Das Foto auslassen</translation>
    </message>
    <message>
        <source>Where to</source>
        <translation>Wohin</translation>
    </message>
    <message>
        <source>&amp;Name</source>
        <translation>&amp;Name</translation>
    </message>
    <message>
        <source>&amp;Format</source>
        <translation>F&amp;ormat</translation>
    </message>
    <message>
        <source>&amp;Quality</source>
        <translation>&amp;Qualität</translation>
    </message>
    <message>
        <source>&amp;Depth</source>
        <translation>Farb&amp;tiefe</translation>
    </message>
    <message>
        <source>Where a &amp;file is in the way</source>
        <translation>Wenn eine &amp;Datei im Weg ist</translation>
    </message>
    <message>
        <source>Choose a folder.</source>
        <translation>Wählen Sie einen Ordner.</translation>
    </message>
    <message>
        <source>Choose a folder, or give its whole path.</source>
        <translation>Wählen Sie einen Ordner, oder geben Sie seinen ganzen Pfad an.</translation>
    </message>
    <message>
        <source>{name} becomes {result}</source>
        <translation>Aus {name} wird {result}</translation>
    </message>
    <message>
        <source>Export into</source>
        <translation>Exportieren nach</translation>
    </message>
</context>
<context>
    <name>ExportProgress</name>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Cancel the export</source>
        <translation>Export abbrechen</translation>
    </message>
    <message>
        <source>Exporting: {done} of {total}</source>
        <translation>Export: {done} von {total}</translation>
    </message>
    <message>
        <source>Stopping after this file …</source>
        <translation>Endet nach dieser Datei …</translation>
    </message>
</context>
<context>
    <name>Exporter</name>
    <message>
        <source>&apos;{name}&apos; was not restored.</source>
        <translation>„{name}“ wurde nicht wiederhergestellt.</translation>
    </message>
</context>
<context>
    <name>FaceChip</name>
    <message>
        <source>included</source>
        <translation>dabei</translation>
    </message>
    <message>
        <source>left out</source>
        <translation>ausgelassen</translation>
    </message>
    <message>
        <source>Face {number}, {state}</source>
        <translation>Gesicht {number}, {state}</translation>
    </message>
    <message>
        <source>Space includes it or leaves it out</source>
        <translation>Die Leertaste nimmt es dazu oder lässt es aus</translation>
    </message>
</context>
<context>
    <name>FacePanel</name>
    <message>
        <source>&amp;Apply to all faces</source>
        <translation>Auf &amp;alle Gesichter anwenden</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Show this face by every &amp;model</source>
        <translation>Dieses Gesicht von jedem &amp;Modell zeigen</translation>
    </message>
    <message>
        <source>The photo cannot be read</source>
        <translation>Das Foto lässt sich nicht lesen</translation>
    </message>
    <message>
        <source>No photo</source>
        <translation>Kein Foto</translation>
    </message>
    <message>
        <source>Looking for faces …</source>
        <translation>Gesichter werden gesucht …</translation>
    </message>
    <message>
        <source>Looking for faces failed</source>
        <translation>Die Suche nach Gesichtern ist fehlgeschlagen</translation>
    </message>
    <message numerus="yes">
        <source>%n face(s)</source>
        <translation>
            <numerusform>%n Gesicht</numerusform>
            <numerusform>%n Gesichter</numerusform>
        </translation>
    </message>
    <message>
        <source>Face {number}</source>
        <translation>Gesicht {number}</translation>
    </message>
    <message>
        <source>All faces</source>
        <translation>Alle Gesichter</translation>
    </message>
    <message>
        <source>As all faces</source>
        <translation>Wie alle</translation>
    </message>
</context>
<context>
    <name>FaceView</name>
    <message>
        <source>Leave out</source>
        <translation>Auslassen</translation>
    </message>
    <message>
        <source>Include</source>
        <translation>Dazunehmen</translation>
    </message>
    <message>
        <source>Move eyes, nose and mouth</source>
        <translation>Augen, Nase und Mund verschieben</translation>
    </message>
    <message>
        <source>Remove: this is no face</source>
        <translation>Entfernen: Das ist kein Gesicht</translation>
    </message>
    <message>
        <source>the eye on the left</source>
        <translation>das linke Auge</translation>
    </message>
    <message>
        <source>the eye on the right</source>
        <translation>das rechte Auge</translation>
    </message>
    <message>
        <source>the nose</source>
        <translation>die Nase</translation>
    </message>
    <message>
        <source>the corner of the mouth on the left</source>
        <translation>den linken Mundwinkel</translation>
    </message>
    <message>
        <source>the corner of the mouth on the right</source>
        <translation>den rechten Mundwinkel</translation>
    </message>
    <message>
        <source>Arrows move {place}, Tab goes on, Return ends</source>
        <translation>Pfeiltasten verschieben {place}, Tab geht weiter, Eingabe beendet</translation>
    </message>
    <message>
        <source>Face {number}</source>
        <translation>Gesicht {number}</translation>
    </message>
    <message>
        <source>Left out</source>
        <translation>Ausgelassen</translation>
    </message>
    <message>
        <source>Restored</source>
        <translation>Wiederhergestellt</translation>
    </message>
    <message>
        <source>Not restored yet</source>
        <translation>Noch nicht wiederhergestellt</translation>
    </message>
    <message>
        <source>{state}, placed by hand</source>
        <translation>{state}, von Hand gesetzt</translation>
    </message>
    <message>
        <source>Photo, before and after</source>
        <translation>Foto, vorher und nachher</translation>
    </message>
    <message>
        <source>Face {number} of {count}</source>
        <translation>Gesicht {number} von {count}</translation>
    </message>
</context>
<context>
    <name>Faces</name>
    <message>
        <source>too small: {size} px</source>
        <translation>zu klein: {size} px</translation>
    </message>
    <message>
        <source>blurred</source>
        <translation>unscharf</translation>
    </message>
    <message>
        <source>turned away</source>
        <translation>abgewandt</translation>
    </message>
    <message>
        <source>cut by the border</source>
        <translation>vom Rand beschnitten</translation>
    </message>
    <message>
        <source>as one before</source>
        <translation>wie eines davor</translation>
    </message>
    <message>
        <source>without colour</source>
        <translation>ohne Farbe</translation>
    </message>
    <message>
        <source>its picture is gone</source>
        <translation>sein Bild ist weg</translation>
    </message>
    <message>
        <source>taken by you</source>
        <translation>von Ihnen genommen</translation>
    </message>
    <message>
        <source>taken</source>
        <translation>genommen</translation>
    </message>
    <message>
        <source>left out by you</source>
        <translation>von Ihnen ausgelassen</translation>
    </message>
</context>
<context>
    <name>FacesPage</name>
    <message>
        <source>Which faces are shown</source>
        <translation>Welche Gesichter gezeigt werden</translation>
    </message>
    <message>
        <source>Also without colour</source>
        <translation>Auch ohne Farbe</translation>
    </message>
    <message>
        <source>Size of the face in its photo</source>
        <translation>Größe des Gesichts im Foto</translation>
    </message>
    <message>
        <source>px</source>
        <translation>px</translation>
    </message>
    <message>
        <source>Sharpness</source>
        <translation>Schärfe</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Add &amp;photos…</source>
        <translation>&amp;Fotos hinzufügen…</translation>
    </message>
    <message>
        <source>Add a &amp;folder…</source>
        <translation>&amp;Ordner hinzufügen…</translation>
    </message>
    <message>
        <source>Take the &amp;open photos</source>
        <translation>&amp;Offene Fotos nehmen</translation>
    </message>
    <message>
        <source>Other co&amp;llection…</source>
        <translation>Andere &amp;Sammlung…</translation>
    </message>
    <message>
        <source>Show folder</source>
        <translation>Ordner zeigen</translation>
    </message>
    <message>
        <source>&amp;Continue</source>
        <translation>&amp;Weiter</translation>
    </message>
    <message>
        <source>Drop good photos of faces here</source>
        <translation>Legen Sie hier gute Fotos von Gesichtern ab</translation>
    </message>
    <message>
        <source>Sharp, large and in colour: the model learns from them how these faces look.
Your photos are only read. The faces are cut out and kept in the collection&apos;s folder.</source>
        <translation>Scharf, groß und in Farbe: Das Modell lernt daran, wie diese Gesichter aussehen.
Ihre Fotos werden nur gelesen. Die Gesichter werden ausgeschnitten und im Ordner der Sammlung aufgehoben.</translation>
    </message>
    <message>
        <source>Photos</source>
        <translation>Fotos</translation>
    </message>
    <message>
        <source>Add photos</source>
        <translation>Fotos hinzufügen</translation>
    </message>
    <message>
        <source>Add a folder of photos</source>
        <translation>Einen Ordner mit Fotos hinzufügen</translation>
    </message>
    <message>
        <source>No photo is open in the window.</source>
        <translation>Im Fenster ist kein Foto geöffnet.</translation>
    </message>
    <message>
        <source>A folder for faces</source>
        <translation>Ein Ordner für Gesichter</translation>
    </message>
    <message>
        <source>{done} of {total} photos: {name}</source>
        <translation>{done} von {total} Fotos: {name}</translation>
    </message>
    <message>
        <source>Collection: {folder}</source>
        <translation>Sammlung: {folder}</translation>
    </message>
    <message numerus="yes">
        <source>%n face(s) to learn from</source>
        <translation>
            <numerusform>%n Gesicht zum Lernen</numerusform>
            <numerusform>%n Gesichter zum Lernen</numerusform>
        </translation>
    </message>
    <message>
        <source>All faces: {count}</source>
        <translation>Alle Gesichter: {count}</translation>
    </message>
    <message>
        <source>To learn from: {count}</source>
        <translation>Zum Lernen: {count}</translation>
    </message>
    <message>
        <source>Left out: {count}</source>
        <translation>Ausgelassen: {count}</translation>
    </message>
    <message>
        <source>Too small</source>
        <translation>Zu klein</translation>
    </message>
    <message>
        <source>Blurred</source>
        <translation>Unscharf</translation>
    </message>
    <message>
        <source>Turned away</source>
        <translation>Abgewandt</translation>
    </message>
    <message>
        <source>Cut by the border</source>
        <translation>Vom Rand beschnitten</translation>
    </message>
    <message>
        <source>As one before</source>
        <translation>Wie eines davor</translation>
    </message>
    <message>
        <source>Without colour</source>
        <translation>Ohne Farbe</translation>
    </message>
    <message>
        <source>Picture gone</source>
        <translation>Bild weg</translation>
    </message>
    <message>
        <source>For one person at least {few} varied faces are wanted, for many people {usual} or more. Larger and sharper photos help most. A click on a face takes it or leaves it out.</source>
        <translation>Für eine Person sollten es mindestens {few} verschiedene Gesichter sein, für viele Personen {usual} oder mehr. Größere und schärfere Fotos helfen am meisten. Ein Klick auf ein Gesicht nimmt es dazu oder lässt es aus.</translation>
    </message>
    <message>
        <source>Enough for one person, if light, expression and pose vary. For many people {usual} or more are wanted. A click on a face takes it or leaves it out.</source>
        <translation>Genug für eine Person, wenn Licht, Ausdruck und Haltung sich unterscheiden. Für viele Personen sollten es {usual} oder mehr sein. Ein Klick auf ein Gesicht nimmt es dazu oder lässt es aus.</translation>
    </message>
    <message>
        <source>A good start, also for many people. Look through them: a click leaves a face out.</source>
        <translation>Ein guter Anfang, auch für viele Personen. Sehen Sie sie durch: Ein Klick lässt ein Gesicht aus.</translation>
    </message>
</context>
<context>
    <name>FacesView</name>
    <message>
        <source>Faces</source>
        <translation>Gesichter</translation>
    </message>
</context>
<context>
    <name>GeneralPage</name>
    <message>
        <source>As the system has it</source>
        <translation>Wie im System</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>&amp;Appearance</source>
        <translation>&amp;Aussehen</translation>
    </message>
    <message>
        <source>&amp;Language</source>
        <translation>&amp;Sprache</translation>
    </message>
    <message>
        <source>Another language is used from the next start.</source>
        <translation>Eine andere Sprache gilt ab dem nächsten Start.</translation>
    </message>
    <message>
        <source>Offer the photos of the last time at the start</source>
        <translation>Beim Start die Fotos vom letzten Mal anbieten</translation>
    </message>
</context>
<context>
    <name>Incoming</name>
    <message>
        <source>Photos</source>
        <translation>Fotos</translation>
    </message>
    <message>
        <source>Open photos</source>
        <translation>Fotos öffnen</translation>
    </message>
    <message>
        <source>Open a folder of photos</source>
        <translation>Einen Ordner mit Fotos öffnen</translation>
    </message>
    <message>
        <source>There is no photo on the clipboard.</source>
        <translation>In der Zwischenablage ist kein Foto.</translation>
    </message>
    <message>
        <source>There are no photos in there.</source>
        <translation>Darin sind keine Fotos.</translation>
    </message>
</context>
<context>
    <name>KeysDialog</name>
    <message>
        <source>Keys and gestures</source>
        <translation>Tasten und Gesten</translation>
    </message>
    <message>
        <source>On the photo</source>
        <translation>Auf dem Foto</translation>
    </message>
    <message>
        <source>While straightening</source>
        <translation>Beim Geraderichten</translation>
    </message>
    <message>
        <source>Anywhere</source>
        <translation>Überall</translation>
    </message>
    <message>
        <source>Space, held</source>
        <translation>Leertaste, gehalten</translation>
    </message>
    <message>
        <source>see the photo as it was</source>
        <translation>das Foto sehen, wie es war</translation>
    </message>
    <message>
        <source>Wheel</source>
        <translation>Mausrad</translation>
    </message>
    <message>
        <source>zoom to the pointer</source>
        <translation>zum Zeiger hin vergrößern</translation>
    </message>
    <message>
        <source>+ and −</source>
        <translation>+ und −</translation>
    </message>
    <message>
        <source>zoom</source>
        <translation>vergrößern und verkleinern</translation>
    </message>
    <message>
        <source>Arrows</source>
        <translation>Pfeiltasten</translation>
    </message>
    <message>
        <source>move the photo, or go to the next face that way</source>
        <translation>das Foto verschieben oder zum nächsten Gesicht in dieser Richtung</translation>
    </message>
    <message>
        <source>Drag, or middle button</source>
        <translation>Ziehen oder mittlere Taste</translation>
    </message>
    <message>
        <source>move the photo</source>
        <translation>das Foto verschieben</translation>
    </message>
    <message>
        <source>Double click</source>
        <translation>Doppelklick</translation>
    </message>
    <message>
        <source>the whole photo, or 100 %</source>
        <translation>das ganze Foto oder 100 %</translation>
    </message>
    <message>
        <source>Click on a face</source>
        <translation>Klick auf ein Gesicht</translation>
    </message>
    <message>
        <source>choose it; once more leaves it out</source>
        <translation>auswählen; noch einmal lässt es aus</translation>
    </message>
    <message>
        <source>Tab, Shift and Tab</source>
        <translation>Tab, Umschalt und Tab</translation>
    </message>
    <message>
        <source>choose the next face, or the one before</source>
        <translation>das nächste oder vorige Gesicht auswählen</translation>
    </message>
    <message>
        <source>Return</source>
        <translation>Eingabe</translation>
    </message>
    <message>
        <source>leave out the chosen face, or include it</source>
        <translation>das gewählte Gesicht auslassen oder dazunehmen</translation>
    </message>
    <message>
        <source>P</source>
        <translation>P</translation>
    </message>
    <message>
        <source>move its eyes, nose and mouth by arrows</source>
        <translation>seine Augen, Nase und Mund mit Pfeiltasten verschieben</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Entf</translation>
    </message>
    <message>
        <source>take away what is no face</source>
        <translation>wegnehmen, was kein Gesicht ist</translation>
    </message>
    <message>
        <source>Menu key, or right click</source>
        <translation>Menütaste oder Rechtsklick</translation>
    </message>
    <message>
        <source>all that can be done with a face</source>
        <translation>alles, was mit einem Gesicht geht</translation>
    </message>
    <message>
        <source>Shift and arrows</source>
        <translation>Umschalt und Pfeile</translation>
    </message>
    <message>
        <source>move the divider</source>
        <translation>die Trennlinie verschieben</translation>
    </message>
    <message>
        <source>[ and ], Shift and wheel</source>
        <translation>[ und ], Umschalt und Mausrad</translation>
    </message>
    <message>
        <source>put the tool away, or choose no face</source>
        <translation>das Werkzeug weglegen oder kein Gesicht auswählen</translation>
    </message>
    <message>
        <source>Drag outside the frame</source>
        <translation>Außerhalb des Rahmens ziehen</translation>
    </message>
    <message>
        <source>turn the photo</source>
        <translation>das Foto drehen</translation>
    </message>
    <message>
        <source>L, or Ctrl and drag</source>
        <translation>L oder Strg und ziehen</translation>
    </message>
    <message>
        <source>draw a line along what should be level or upright</source>
        <translation>eine Linie entlang dessen ziehen, was waagrecht oder senkrecht sein soll</translation>
    </message>
    <message>
        <source>move the frame; with Shift its lower right corner</source>
        <translation>den Rahmen verschieben; mit Umschalt seine rechte untere Ecke</translation>
    </message>
    <message>
        <source>apply</source>
        <translation>anwenden</translation>
    </message>
    <message>
        <source>leave it as it was</source>
        <translation>lassen, wie es war</translation>
    </message>
    <message>
        <source>zoom of the lens</source>
        <translation>Vergrößerung der Lupe</translation>
    </message>
    <message>
        <source>size of the brush</source>
        <translation>Größe des Pinsels</translation>
    </message>
    <message>
        <source>[ and ], Alt and wheel</source>
        <translation>[ und ], Alt und Mausrad</translation>
    </message>
    <message>
        <source>{ and }</source>
        <translation>{ und }</translation>
    </message>
    <message>
        <source>softness of its edge</source>
        <translation>Weichheit seines Randes</translation>
    </message>
    <message>
        <source>Escape</source>
        <translation>Esc</translation>
    </message>
</context>
<context>
    <name>LicencesDialog</name>
    <message>
        <source>Licences</source>
        <translation>Lizenzen</translation>
    </message>
    <message>
        <source>{name} (non-commercial)</source>
        <translation>{name} (nichtkommerziell)</translation>
    </message>
    <message>
        <source>Packages and models</source>
        <translation>Pakete und Modelle</translation>
    </message>
</context>
<context>
    <name>LikenessBadge</name>
    <message>
        <source>Likeness {angle}°</source>
        <translation>Ähnlichkeit {angle}°</translation>
    </message>
    <message>
        <source>How far the restored face is, at full strength, from the one in the photo, for a network that recognises people: 0° is the same picture.</source>
        <translation>Wie weit das wiederhergestellte Gesicht bei voller Stärke von dem im Foto entfernt ist, für ein Netz, das Personen erkennt: 0° ist dasselbe Bild.</translation>
    </message>
    <message>
        <source>Two different people are seldom nearer than {limit}°.</source>
        <translation>Zwei verschiedene Personen sind sich selten näher als {limit}°.</translation>
    </message>
</context>
<context>
    <name>LossPlot</name>
    <message>
        <source>Losses over the steps</source>
        <translation>Verluste über die Schritte</translation>
    </message>
    <message>
        <source>Smoothing</source>
        <translation>Glättung</translation>
    </message>
    <message>
        <source>Raw values</source>
        <translation>Rohwerte</translation>
    </message>
    <message>
        <source>Logarithmic</source>
        <translation>Logarithmisch</translation>
    </message>
    <message>
        <source> steps</source>
        <translation> Schritte</translation>
    </message>
    <message>
        <source>Hide the first steps</source>
        <translation>Die ersten Schritte verbergen</translation>
    </message>
    <message>
        <source>Hide the first</source>
        <translation>Verbergen: die ersten</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>The program made a mistake. Your photos and decisions are safe; please report this.</source>
        <translation>Das Programm hat einen Fehler gemacht. Ihre Fotos und Entscheidungen sind sicher; bitte melden Sie das.</translation>
    </message>
    <message>
        <source>Open the log</source>
        <translation>Protokoll öffnen</translation>
    </message>
</context>
<context>
    <name>Measures</name>
    <message>
        <source>Likeness lost, less is better</source>
        <translation>Verlorene Ähnlichkeit, weniger ist besser</translation>
    </message>
    <message>
        <source>Closeness to the true picture (PSNR), more is better</source>
        <translation>Nähe zum wahren Bild (PSNR), mehr ist besser</translation>
    </message>
    <message>
        <source>Same structure (SSIM), more is better</source>
        <translation>Gleiche Struktur (SSIM), mehr ist besser</translation>
    </message>
    <message>
        <source>Difference in texture, less is better</source>
        <translation>Unterschied in der Textur, weniger ist besser</translation>
    </message>
</context>
<context>
    <name>MenuBar</name>
    <message>
        <source>&amp;Undo</source>
        <translation>&amp;Rückgängig</translation>
    </message>
    <message>
        <source>&amp;Redo</source>
        <translation>&amp;Wiederholen</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>&amp;Datei</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>&amp;Bearbeiten</translation>
    </message>
    <message>
        <source>&amp;Photo</source>
        <translation>&amp;Foto</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>&amp;Ansicht</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>&amp;Hilfe</translation>
    </message>
</context>
<context>
    <name>MessageBar</name>
    <message>
        <source>Details</source>
        <translation>Details</translation>
    </message>
    <message>
        <source>Read all messages at once</source>
        <translation>Alle Meldungen auf einmal lesen</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Close this message</source>
        <translation>Diese Meldung schließen</translation>
    </message>
    <message numerus="yes">
        <source>%n more</source>
        <translation>
            <numerusform>%n weitere</numerusform>
            <numerusform>%n weitere</numerusform>
        </translation>
    </message>
    <message>
        <source>All messages</source>
        <translation>Alle Meldungen</translation>
    </message>
    <message>
        <source>Error: {sentence}</source>
        <translation>Fehler: {sentence}</translation>
    </message>
    <message>
        <source>Warning: {sentence}</source>
        <translation>Warnung: {sentence}</translation>
    </message>
</context>
<context>
    <name>MissingNetworks</name>
    <message>
        <source>textures come out softer or noisier</source>
        <translation>Strukturen werden weicher oder körniger</translation>
    </message>
    <message>
        <source>faces drift further from the person</source>
        <translation>Gesichter entfernen sich weiter von der Person</translation>
    </message>
    <message>
        <source>Without it {cost} ({size}, {licence})</source>
        <translation>Ohne dieses Netz: {cost} ({size}, {licence})</translation>
    </message>
    <message>
        <source>Paused; what came so far stays.</source>
        <translation>Angehalten; was schon da ist, bleibt.</translation>
    </message>
</context>
<context>
    <name>ModelRow</name>
    <message>
        <source>size unknown</source>
        <translation>Größe unbekannt</translation>
    </message>
    <message>
        <source>for non-commercial use</source>
        <translation>für nichtkommerzielle Zwecke</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>Herunterladen</translation>
    </message>
    <message>
        <source>Download {model}</source>
        <translation>{model} herunterladen</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Remove {model}</source>
        <translation>{model} entfernen</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>Connecting …</source>
        <translation>Verbindung wird aufgebaut …</translation>
    </message>
    <message>
        <source>Waiting …</source>
        <translation>Wartet …</translation>
    </message>
    <message>
        <source>{done}{of} MB, {speed} MB/s</source>
        <translation>{done}{of} MB, {speed} MB/s</translation>
    </message>
    <message>
        <source>{text}, {seconds} s to go</source>
        <translation>{text}, noch {seconds} s</translation>
    </message>
</context>
<context>
    <name>ModelStrip</name>
    <message>
        <source>Likeness {angle}</source>
        <translation>Ähnlichkeit {angle}</translation>
    </message>
    <message>
        <source>Use {model}</source>
        <translation>{model} verwenden</translation>
    </message>
</context>
<context>
    <name>ModelsPage</name>
    <message>
        <source>Import files…</source>
        <translation>Dateien importieren…</translation>
    </message>
    <message>
        <source>Check all</source>
        <translation>Alle prüfen</translation>
    </message>
    <message>
        <source>Address instead of the models&apos; own</source>
        <translation>Adresse anstelle der eigenen der Modelle</translation>
    </message>
    <message>
        <source>&amp;Mirror</source>
        <translation>&amp;Spiegelserver</translation>
    </message>
    <message>
        <source>Restore faces</source>
        <translation>Gesichter wiederherstellen</translation>
    </message>
    <message>
        <source>Find faces</source>
        <translation>Gesichter finden</translation>
    </message>
    <message>
        <source>Tell hair and skin from background</source>
        <translation>Haar und Haut vom Hintergrund unterscheiden</translation>
    </message>
    <message>
        <source>Enlarge backgrounds</source>
        <translation>Hintergründe vergrößern</translation>
    </message>
    <message>
        <source>Compare likeness</source>
        <translation>Ähnlichkeit vergleichen</translation>
    </message>
    <message>
        <source>For training</source>
        <translation>Fürs Training</translation>
    </message>
    <message>
        <source>For training: prior</source>
        <translation>Fürs Training: Prior</translation>
    </message>
    <message>
        <source>For training: discriminators</source>
        <translation>Fürs Training: Diskriminatoren</translation>
    </message>
    <message>
        <source>For training: landmarks</source>
        <translation>Fürs Training: Landmarken</translation>
    </message>
    <message>
        <source>here</source>
        <translation>vorhanden</translation>
    </message>
    <message>
        <source>a model of yours</source>
        <translation>ein eigenes Modell</translation>
    </message>
    <message>
        <source>{size} MB in {folder}. Drop model files or archives here to import them.</source>
        <translation>{size} MB in {folder}. Legen Sie Modelldateien oder Archive hier ab, um sie zu importieren.</translation>
    </message>
    <message>
        <source>{model} was removed; {size} MB are free again.</source>
        <translation>{model} wurde entfernt; {size} MB sind wieder frei.</translation>
    </message>
    <message>
        <source>Removing …</source>
        <translation>Wird entfernt …</translation>
    </message>
    <message numerus="yes">
        <source>%n model(s) checked: all are good.</source>
        <translation>
            <numerusform>%n Modell geprüft: Es ist in Ordnung.</numerusform>
            <numerusform>%n Modelle geprüft: Alle sind in Ordnung.</numerusform>
        </translation>
    </message>
    <message>
        <source>Checking …</source>
        <translation>Wird geprüft …</translation>
    </message>
    <message>
        <source>Imported: {names}.</source>
        <translation>Importiert: {names}.</translation>
    </message>
    <message>
        <source>Importing …</source>
        <translation>Wird importiert …</translation>
    </message>
    <message>
        <source>This is done when what runs now has ended.</source>
        <translation>Das geschieht, sobald fertig ist, was gerade läuft.</translation>
    </message>
    <message>
        <source>Import models</source>
        <translation>Modelle importieren</translation>
    </message>
    <message>
        <source>Paused; what came so far stays.</source>
        <translation>Angehalten; was schon da ist, bleibt.</translation>
    </message>
</context>
<context>
    <name>Outgoing</name>
    <message>
        <source>Photos are being exported; those that are not written yet would be missing.</source>
        <translation>Fotos werden gerade exportiert; die noch nicht geschriebenen würden fehlen.</translation>
    </message>
    <message>
        <source>Close all the same</source>
        <translation>Trotzdem schließen</translation>
    </message>
    <message>
        <source>An export is under way; wait for its end, or cancel it.</source>
        <translation>Ein Export läuft; warten Sie auf sein Ende oder brechen Sie ihn ab.</translation>
    </message>
    <message>
        <source>No photo is restored yet.</source>
        <translation>Noch ist kein Foto wiederhergestellt.</translation>
    </message>
    <message>
        <source>Photos that are not restored yet are exported once the queue goes on.</source>
        <translation>Fotos, die noch nicht wiederhergestellt sind, werden gespeichert, sobald die Warteschlange weitergeht.</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>Im Ordner zeigen</translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) exported.</source>
        <translation>
            <numerusform>%n Datei exportiert.</numerusform>
            <numerusform>%n Dateien exportiert.</numerusform>
        </translation>
    </message>
    <message>
        <source>Nothing was exported.</source>
        <translation>Es wurde nichts exportiert.</translation>
    </message>
    <message>
        <source>The photo was copied.</source>
        <translation>Das Foto wurde kopiert.</translation>
    </message>
</context>
<context>
    <name>PhotoLibrary</name>
    <message>
        <source>new</source>
        <translation>neu</translation>
    </message>
    <message>
        <source>looking for faces</source>
        <translation>Gesichter werden gesucht</translation>
    </message>
    <message>
        <source>not restored yet</source>
        <translation>noch nicht wiederhergestellt</translation>
    </message>
    <message>
        <source>waiting</source>
        <translation>wartet</translation>
    </message>
    <message>
        <source>being restored</source>
        <translation>wird wiederhergestellt</translation>
    </message>
    <message>
        <source>restored</source>
        <translation>wiederhergestellt</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>fehlgeschlagen</translation>
    </message>
</context>
<context>
    <name>PhotoOptions</name>
    <message>
        <source>As it is</source>
        <translation>Wie es ist</translation>
    </message>
    <message>
        <source>{n} times as large</source>
        <translation>{n}-mal so groß</translation>
    </message>
    <message>
        <source>Si&amp;ze</source>
        <translation>&amp;Größe</translation>
    </message>
    <message>
        <source>Back&amp;ground</source>
        <translation>&amp;Hintergrund</translation>
    </message>
    <message>
        <source>Best quick way</source>
        <translation>Bester schneller Weg</translation>
    </message>
    <message>
        <source>Plain (Lanczos)</source>
        <translation>Einfach (Lanczos)</translation>
    </message>
</context>
<context>
    <name>PhotoStrip</name>
    <message>
        <source>Open photos</source>
        <translation>Fotos öffnen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Remove from the list</source>
        <translation>Aus der Liste entfernen</translation>
    </message>
    <message numerus="yes">
        <source>%n photo(s)</source>
        <translation>
            <numerusform>%n Foto</numerusform>
            <numerusform>%n Fotos</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Restore all (%n)</source>
        <translation>
            <numerusform>Alle wiederherstellen (%n)</numerusform>
            <numerusform>Alle wiederherstellen (%n)</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Try the failed again (%n)</source>
        <translation>
            <numerusform>Fehlgeschlagenes erneut versuchen (%n)</numerusform>
            <numerusform>Fehlgeschlagene erneut versuchen (%n)</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Restore selected (%n)</source>
        <translation>
            <numerusform>Auswahl wiederherstellen (%n)</numerusform>
            <numerusform>Auswahl wiederherstellen (%n)</numerusform>
        </translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>Weiter</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message numerus="yes">
        <source>%n restored</source>
        <translation>
            <numerusform>%n wiederhergestellt</numerusform>
            <numerusform>%n wiederhergestellt</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n failed</source>
        <translation>
            <numerusform>%n fehlgeschlagen</numerusform>
            <numerusform>%n fehlgeschlagen</numerusform>
        </translation>
    </message>
    <message>
        <source>{done} of {total}</source>
        <translation>{done} von {total}</translation>
    </message>
    <message>
        <source>{progress}, paused</source>
        <translation>{progress}, angehalten</translation>
    </message>
    <message>
        <source>less than a minute left</source>
        <translation>noch weniger als eine Minute</translation>
    </message>
    <message numerus="yes">
        <source>about %n minute(s) left</source>
        <translation>
            <numerusform>noch etwa %n Minute</numerusform>
            <numerusform>noch etwa %n Minuten</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>about %n hour(s) left</source>
        <translation>
            <numerusform>noch etwa %n Stunde</numerusform>
            <numerusform>noch etwa %n Stunden</numerusform>
        </translation>
    </message>
    <message>
        <source>Restore again</source>
        <translation>Erneut wiederherstellen</translation>
    </message>
    <message>
        <source>Restore</source>
        <translation>Wiederherstellen</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>Exportieren…</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>Im Ordner zeigen</translation>
    </message>
</context>
<context>
    <name>PhotoView</name>
    <message>
        <source>Drag a box around the face</source>
        <translation>Ziehen Sie einen Rahmen um das Gesicht</translation>
    </message>
    <message>
        <source>the eye on the left</source>
        <translation>das linke Auge</translation>
    </message>
    <message>
        <source>the eye on the right</source>
        <translation>das rechte Auge</translation>
    </message>
    <message>
        <source>the mouth</source>
        <translation>den Mund</translation>
    </message>
    <message>
        <source>Click on {place}</source>
        <translation>Klicken Sie auf {place}</translation>
    </message>
    <message>
        <source>Brush {size} px, soft {softness}   [ ] size   {{ }} softness</source>
        <translation>Pinsel {size} px, weich {softness}   [ ] Größe   {{ }} Weichheit</translation>
    </message>
</context>
<context>
    <name>PlanPage</name>
    <message>
        <source>What the model will be called</source>
        <translation>Wie das Modell heißen wird</translation>
    </message>
    <message>
        <source>Advanced settings</source>
        <translation>Erweiterte Einstellungen</translation>
    </message>
    <message>
        <source>&amp;Start training</source>
        <translation>Training &amp;starten</translation>
    </message>
    <message>
        <source>&amp;Begin with</source>
        <translation>&amp;Beginnen mit</translation>
    </message>
    <message>
        <source>&amp;Name</source>
        <translation>&amp;Name</translation>
    </message>
    <message>
        <source>What is it for?</source>
        <translation>Wofür ist es?</translation>
    </message>
    <message>
        <source>The best model here</source>
        <translation>Das beste vorhandene Modell</translation>
    </message>
    <message>
        <source>Photos are still being added.</source>
        <translation>Es werden noch Fotos hinzugefügt.</translation>
    </message>
    <message>
        <source>There is no face to learn from yet: add photos in the first step.</source>
        <translation>Noch gibt es kein Gesicht zum Lernen: Fügen Sie im ersten Schritt Fotos hinzu.</translation>
    </message>
    <message>
        <source>Give the model a name.</source>
        <translation>Geben Sie dem Modell einen Namen.</translation>
    </message>
    <message>
        <source>A training is running; it has to end first.</source>
        <translation>Ein Training läuft; es muss erst enden.</translation>
    </message>
    <message>
        <source>{wanted} faces or more are wanted for this; with {count} the model may learn little.</source>
        <translation>Dafür sollten es {wanted} Gesichter oder mehr sein; mit {count} lernt das Modell vielleicht wenig.</translation>
    </message>
    <message>
        <source>{count} faces: enough for many people too.</source>
        <translation>{count} Gesichter: auch für viele Personen genug.</translation>
    </message>
</context>
<context>
    <name>Presenter</name>
    <message>
        <source>Best</source>
        <translation>Bestes</translation>
    </message>
</context>
<context>
    <name>PresetCard</name>
    <message>
        <source>Once it is chosen, another click measures it once more.</source>
        <translation>Ist sie gewählt, misst ein weiterer Klick sie noch einmal.</translation>
    </message>
    <message>
        <source>Measuring on this computer …</source>
        <translation>Wird auf diesem Computer gemessen …</translation>
    </message>
    <message>
        <source>Not measured on this computer yet</source>
        <translation>Auf diesem Computer noch nicht gemessen</translation>
    </message>
    <message>
        <source>Cannot run as it is</source>
        <translation>Geht so nicht</translation>
    </message>
    <message>
        <source>{time}, {memory} of memory</source>
        <translation>{time}, {memory} Speicher</translation>
    </message>
</context>
<context>
    <name>Presets</name>
    <message>
        <source>A first try</source>
        <translation>Ein erster Versuch</translation>
    </message>
    <message>
        <source>A short run that shows whether your photos help, before you give it more time.</source>
        <translation>Ein kurzer Lauf, der zeigt, ob Ihre Fotos helfen, bevor Sie ihm mehr Zeit geben.</translation>
    </message>
    <message>
        <source>One person</source>
        <translation>Eine Person</translation>
    </message>
    <message>
        <source>Gently, on the faces of one person, so that old photos of them look more like them.</source>
        <translation>Behutsam, an den Gesichtern einer Person, damit alte Fotos von ihr ihr ähnlicher werden.</translation>
    </message>
    <message>
        <source>Many people</source>
        <translation>Viele Personen</translation>
    </message>
    <message>
        <source>A long run that changes the whole model. Wants hundreds of faces and a graphics card.</source>
        <translation>Ein langer Lauf, der das ganze Modell verändert. Braucht Hunderte von Gesichtern und eine Grafikkarte.</translation>
    </message>
</context>
<context>
    <name>Previews</name>
    <message>
        <source>What it is compared with</source>
        <translation>Womit verglichen wird</translation>
    </message>
    <message>
        <source>The model before</source>
        <translation>Das Modell davor</translation>
    </message>
    <message>
        <source>What it was given</source>
        <translation>Was es bekam</translation>
    </message>
    <message>
        <source>How it should be</source>
        <translation>Wie es sein sollte</translation>
    </message>
    <message>
        <source>Face </source>
        <translation>Gesicht </translation>
    </message>
    <message>
        <source>Which face</source>
        <translation>Welches Gesicht</translation>
    </message>
    <message>
        <source>After how many steps</source>
        <translation>Nach wie vielen Schritten</translation>
    </message>
    <message>
        <source>Faces it does not learn from</source>
        <translation>Gesichter, aus denen es nicht lernt</translation>
    </message>
    <message>
        <source>before</source>
        <translation>davor</translation>
    </message>
    <message>
        <source>given</source>
        <translation>gegeben</translation>
    </message>
    <message>
        <source>truth</source>
        <translation>Wahrheit</translation>
    </message>
    <message>
        <source>after {step} steps</source>
        <translation>nach {step} Schritten</translation>
    </message>
</context>
<context>
    <name>PrivacyPage</name>
    <message>
        <source>Nothing leaves this computer</source>
        <translation>Nichts verlässt diesen Computer</translation>
    </message>
    <message>
        <source>Photos are restored on this machine. The program asks no server for anything, unless you download a model: then its name is asked of the place that publishes it, or of your mirror.</source>
        <translation>Fotos werden auf diesem Computer wiederhergestellt. Das Programm fragt keinen Server, außer wenn Sie ein Modell herunterladen: Dann fragt es dort danach, wo es veröffentlicht ist, oder bei Ihrem Spiegelserver.</translation>
    </message>
    <message>
        <source>Prepared models</source>
        <translation>Vorbereitete Modelle</translation>
    </message>
    <message>
        <source>Delete them</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Models are converted once for this processor and kept. They may be deleted any time.</source>
        <translation>Modelle werden einmal für diesen Prozessor umgewandelt und aufgehoben. Sie dürfen jederzeit gelöscht werden.</translation>
    </message>
    <message>
        <source>{size} MB in {folder}</source>
        <translation>{size} MB in {folder}</translation>
    </message>
</context>
<context>
    <name>RestorationPage</name>
    <message>
        <source>What photos begin with when they are opened; each can be changed.</source>
        <translation>Womit Fotos beginnen, wenn sie geöffnet werden; jedes kann geändert werden.</translation>
    </message>
    <message>
        <source>Best</source>
        <translation>Bestes</translation>
    </message>
    <message>
        <source>&amp;Model</source>
        <translation>&amp;Modell</translation>
    </message>
    <message>
        <source>As suits each face</source>
        <translation>Passend zu jedem Gesicht</translation>
    </message>
    <message>
        <source> %</source>
        <translation> %</translation>
    </message>
    <message>
        <source>&amp;Strength</source>
        <translation>&amp;Stärke</translation>
    </message>
    <message>
        <source>As fits the photo</source>
        <translation>Wie es zum Foto passt</translation>
    </message>
    <message>
        <source>Keep the photo&apos;s</source>
        <translation>Die des Fotos behalten</translation>
    </message>
    <message>
        <source>The model&apos;s (colourises)</source>
        <translation>Die des Modells (koloriert)</translation>
    </message>
    <message>
        <source>&amp;Colours</source>
        <translation>&amp;Farben</translation>
    </message>
    <message>
        <source>Keep fine detail of sharp faces</source>
        <translation>Feine Details scharfer Gesichter behalten</translation>
    </message>
    <message>
        <source>Match the photo&apos;s grain</source>
        <translation>Korn des Fotos angleichen</translation>
    </message>
    <message>
        <source>As it is</source>
        <translation>Wie es ist</translation>
    </message>
    <message>
        <source>Twice as large</source>
        <translation>Doppelt so groß</translation>
    </message>
    <message>
        <source>Four times as large</source>
        <translation>Viermal so groß</translation>
    </message>
    <message>
        <source>Si&amp;ze</source>
        <translation>&amp;Größe</translation>
    </message>
    <message>
        <source>Best quick way</source>
        <translation>Bester schneller Weg</translation>
    </message>
    <message>
        <source>Plain (Lanczos)</source>
        <translation>Einfach (Lanczos)</translation>
    </message>
    <message>
        <source>Back&amp;ground</source>
        <translation>&amp;Hintergrund</translation>
    </message>
</context>
<context>
    <name>ResultPage</name>
    <message>
        <source>The model&apos;s name</source>
        <translation>Der Name des Modells</translation>
    </message>
    <message>
        <source>Re&amp;name</source>
        <translation>&amp;Umbenennen</translation>
    </message>
    <message>
        <source>&amp;Discard</source>
        <translation>&amp;Verwerfen</translation>
    </message>
    <message>
        <source>&amp;Keep it</source>
        <translation>&amp;Behalten</translation>
    </message>
    <message>
        <source>&amp;Try it on this photo</source>
        <translation>An diesem Foto &amp;probieren</translation>
    </message>
    <message>
        <source>No model yet</source>
        <translation>Noch kein Modell</translation>
    </message>
    <message>
        <source>When a training ends, or is stopped, its model is shown here.</source>
        <translation>Wenn ein Training endet oder angehalten wird, erscheint sein Modell hier.</translation>
    </message>
    <message>
        <source>The model was discarded</source>
        <translation>Das Modell wurde verworfen</translation>
    </message>
    <message>
        <source>It was stopped before it was measured. Look at it on your own photos.</source>
        <translation>Es wurde angehalten, bevor es gemessen war. Sehen Sie es sich an Ihren eigenen Fotos an.</translation>
    </message>
    <message>
        <source>There were no faces to measure it on. Look at it on your own photos.</source>
        <translation>Es gab keine Gesichter, um es daran zu messen. Sehen Sie es an Ihren eigenen Fotos an.</translation>
    </message>
    <message>
        <source>Whether it became better is not known: the networks that see textures and likeness are not here, and the other two measures prefer a blurred face. Your own photos decide: try it on one.</source>
        <translation>Ob es besser wurde, ist nicht bekannt: Die Netze, die Textur und Ähnlichkeit sehen, sind nicht da, und die anderen beiden Maße bevorzugen ein unscharfes Gesicht. Ihre eigenen Fotos entscheiden: Probieren Sie es an einem aus.</translation>
    </message>
    <message>
        <source>On faces it did not learn from, it is better than the model before in {better} of {all} measures.</source>
        <translation>An Gesichtern, aus denen es nicht gelernt hat, ist es in {better} von {all} Maßen besser als das Modell davor.</translation>
    </message>
    <message>
        <source>Your own photos decide: try it on one.</source>
        <translation>Ihre eigenen Fotos entscheiden: Probieren Sie es an einem.</translation>
    </message>
    <message>
        <source>Given</source>
        <translation>Gegeben</translation>
    </message>
    <message>
        <source>Model before</source>
        <translation>Modell davor</translation>
    </message>
    <message>
        <source>Your model</source>
        <translation>Ihr Modell</translation>
    </message>
    <message>
        <source>&apos;{name}&apos; is in every list of models now.</source>
        <translation>„{name}“ ist jetzt in jeder Modellliste.</translation>
    </message>
    <message>
        <source>It is called &apos;{name}&apos; now.</source>
        <translation>Es heißt jetzt „{name}“.</translation>
    </message>
    <message>
        <source>Discarded. The run is still in the list, and can go on.</source>
        <translation>Verworfen. Der Lauf steht noch in der Liste und kann weitergehen.</translation>
    </message>
</context>
<context>
    <name>RunPage</name>
    <message>
        <source>&amp;Pause</source>
        <translation>&amp;Pause</translation>
    </message>
    <message>
        <source>Samples &amp;now</source>
        <translation>Beispiele &amp;jetzt</translation>
    </message>
    <message>
        <source>Stop and &amp;keep</source>
        <translation>Anhalten und &amp;behalten</translation>
    </message>
    <message>
        <source>&amp;Go on</source>
        <translation>&amp;Weiter</translation>
    </message>
    <message>
        <source>&amp;See the result</source>
        <translation>Ergebnis &amp;ansehen</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>Protokoll</translation>
    </message>
    <message>
        <source>Steps</source>
        <translation>Schritte</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>No training yet</source>
        <translation>Noch kein Training</translation>
    </message>
    <message>
        <source>&amp;Resume</source>
        <translation>&amp;Fortsetzen</translation>
    </message>
    <message>
        <source>stopping</source>
        <translation>hält an</translation>
    </message>
    <message>
        <source>starting</source>
        <translation>beginnt</translation>
    </message>
    <message>
        <source>running</source>
        <translation>läuft</translation>
    </message>
    <message>
        <source>interrupted</source>
        <translation>unterbrochen</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>pausiert</translation>
    </message>
    <message>
        <source>finished</source>
        <translation>fertig</translation>
    </message>
    <message>
        <source>stopped</source>
        <translation>angehalten</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>fehlgeschlagen</translation>
    </message>
    <message>
        <source>{step} of {steps} steps</source>
        <translation>{step} von {steps} Schritten</translation>
    </message>
    <message>
        <source>Time left: not known yet</source>
        <translation>Restzeit: noch nicht bekannt</translation>
    </message>
    <message>
        <source>{time} left</source>
        <translation>noch {time}</translation>
    </message>
    <message>
        <source>{pace} faces a second, {memory} of memory</source>
        <translation>{pace} Gesichter je Sekunde, {memory} Speicher</translation>
    </message>
    <message>
        <source>Choose faces and a plan in the first two steps; the training is shown here.</source>
        <translation>Wählen Sie in den ersten beiden Schritten Gesichter und einen Plan; hier sehen Sie dann das Training.</translation>
    </message>
    <message>
        <source>It reads the faces and makes a few steps on trial. Depending on the computer this takes minutes.</source>
        <translation>Es liest die Gesichter und macht ein paar Schritte zur Probe. Das dauert je nach Computer einige Minuten.</translation>
    </message>
    <message>
        <source>Paused. Most of its memory is free, and nothing is lost.</source>
        <translation>Pausiert. Der meiste Speicher ist frei, und nichts ist verloren.</translation>
    </message>
</context>
<context>
    <name>RunRow</name>
    <message>
        <source>&amp;Look</source>
        <translation>&amp;Ansehen</translation>
    </message>
    <message>
        <source>&amp;Go on</source>
        <translation>&amp;Weiter</translation>
    </message>
    <message>
        <source>Same &amp;settings</source>
        <translation>Gleiche &amp;Einstellungen</translation>
    </message>
    <message>
        <source>&amp;Folder</source>
        <translation>&amp;Ordner</translation>
    </message>
    <message>
        <source>&amp;Delete</source>
        <translation>&amp;Löschen</translation>
    </message>
    <message>
        <source>Moves the run to the trash; its model stays in the list of models.</source>
        <translation>Legt den Lauf in den Papierkorb; sein Modell bleibt in der Modellliste.</translation>
    </message>
    <message>
        <source>running</source>
        <translation>läuft</translation>
    </message>
    <message>
        <source>finished</source>
        <translation>fertig</translation>
    </message>
    <message>
        <source>stopped</source>
        <translation>angehalten</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>fehlgeschlagen</translation>
    </message>
    <message>
        <source>interrupted</source>
        <translation>unterbrochen</translation>
    </message>
    <message>
        <source>{step} of {steps} steps</source>
        <translation>{step} von {steps} Schritten</translation>
    </message>
    <message>
        <source>model &apos;{name}&apos;</source>
        <translation>Modell „{name}“</translation>
    </message>
</context>
<context>
    <name>RunsPage</name>
    <message>
        <source>No model was trained on this computer yet.</source>
        <translation>Auf diesem Computer wurde noch kein Modell trainiert.</translation>
    </message>
    <message>
        <source>&apos;{folder}&apos; could not be moved to the trash; delete it yourself.</source>
        <translation>„{folder}“ konnte nicht in den Papierkorb gelegt werden; löschen Sie es selbst.</translation>
    </message>
    <message>
        <source>&apos;{name}&apos; is in the trash.</source>
        <translation>„{name}“ ist im Papierkorb.</translation>
    </message>
</context>
<context>
    <name>Session</name>
    <message>
        <source>Another window of the program has the session; what is open here is not kept.</source>
        <translation>Ein anderes Fenster des Programms führt die Sitzung; was hier geöffnet ist, wird nicht gemerkt.</translation>
    </message>
    <message>
        <source>The folder for the program&apos;s data takes nothing; what is open here is not kept.</source>
        <translation>Der Ordner für die Daten des Programms nimmt nichts an; was hier geöffnet ist, wird nicht gemerkt.</translation>
    </message>
    <message>
        <source>The program ended unexpectedly the last time.</source>
        <translation>Das Programm wurde letztes Mal unerwartet beendet.</translation>
    </message>
    <message numerus="yes">
        <source>%n photo(s) were open the last time.</source>
        <translation>
            <numerusform>%n Foto war letztes Mal geöffnet.</numerusform>
            <numerusform>%n Fotos waren letztes Mal geöffnet.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n of them were still to be restored.</source>
        <translation>
            <numerusform>%n davon war noch wiederherzustellen.</numerusform>
            <numerusform>%n davon waren noch wiederherzustellen.</numerusform>
        </translation>
    </message>
    <message>
        <source>Go on with them</source>
        <translation>Damit weitermachen</translation>
    </message>
</context>
<context>
    <name>SettingsPanel</name>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Pages</source>
        <translation>Seiten</translation>
    </message>
    <message>
        <source>General</source>
        <translation>Allgemein</translation>
    </message>
    <message>
        <source>Restoration</source>
        <translation>Wiederherstellung</translation>
    </message>
    <message>
        <source>Devices</source>
        <translation>Geräte</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>Privacy</source>
        <translation>Privatsphäre</translation>
    </message>
    <message>
        <source>About</source>
        <translation>Über</translation>
    </message>
</context>
<context>
    <name>Steps</name>
    <message>
        <source>&amp;1  Faces</source>
        <translation>&amp;1  Gesichter</translation>
    </message>
    <message>
        <source>&amp;2  Plan</source>
        <translation>&amp;2  Plan</translation>
    </message>
    <message>
        <source>&amp;3  Training</source>
        <translation>&amp;3  Training</translation>
    </message>
    <message>
        <source>&amp;4  Result</source>
        <translation>&amp;4  Ergebnis</translation>
    </message>
    <message>
        <source>&amp;All trainings</source>
        <translation>&amp;Alle Trainings</translation>
    </message>
    <message>
        <source>my-model</source>
        <translation>mein-modell</translation>
    </message>
</context>
<context>
    <name>StraightenView</name>
    <message>
        <source>Turn left</source>
        <translation>Nach links drehen</translation>
    </message>
    <message>
        <source>Turn right</source>
        <translation>Nach rechts drehen</translation>
    </message>
    <message>
        <source>Draw a line along what should be level or upright (L, or Ctrl and drag)</source>
        <translation>Ziehen Sie eine Linie entlang dessen, was waagrecht oder senkrecht sein soll (L oder Strg und ziehen)</translation>
    </message>
    <message>
        <source>Straighten, in tenths of a degree</source>
        <translation>Gerade richten, in Zehntelgrad</translation>
    </message>
    <message>
        <source>Reset</source>
        <translation>Zurücksetzen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Apply</source>
        <translation>Anwenden</translation>
    </message>
</context>
<context>
    <name>ToolBar</name>
    <message>
        <source>Tools</source>
        <translation>Werkzeuge</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>Exportieren…</translation>
    </message>
    <message>
        <source>Restore</source>
        <translation>Wiederherstellen</translation>
    </message>
    <message>
        <source>More tools</source>
        <translation>Weitere Werkzeuge</translation>
    </message>
    <message>
        <source>Restoring…</source>
        <translation>Läuft…</translation>
    </message>
    <message>
        <source>Waiting…</source>
        <translation>Wartet…</translation>
    </message>
</context>
<context>
    <name>Training</name>
    <message>
        <source>Fine-tuning</source>
        <translation>Feinabstimmung</translation>
    </message>
    <message>
        <source>The training of &apos;{name}&apos; was interrupted; what it learned is safe.</source>
        <translation>Das Training von „{name}“ wurde unterbrochen; was es gelernt hat, ist sicher.</translation>
    </message>
    <message>
        <source>Go on with it</source>
        <translation>Damit weitermachen</translation>
    </message>
    <message>
        <source>Show the window</source>
        <translation>Fenster zeigen</translation>
    </message>
    <message>
        <source>Save and stop training</source>
        <translation>Training speichern und anhalten</translation>
    </message>
    <message>
        <source>A model is being trained</source>
        <translation>Ein Modell wird trainiert</translation>
    </message>
    <message>
        <source>Show it</source>
        <translation>Zeigen</translation>
    </message>
    <message>
        <source>The models for restoring are closed, so that the training fits into memory.</source>
        <translation>Die Modelle zum Wiederherstellen sind geschlossen, damit das Training in den Speicher passt.</translation>
    </message>
    <message>
        <source>Open a photo first, and try the model on it then.</source>
        <translation>Öffnen Sie erst ein Foto und probieren Sie das Modell dann daran.</translation>
    </message>
</context>
<context>
    <name>TrainingPage</name>
    <message>
        <source>One moment …</source>
        <translation>Einen Moment …</translation>
    </message>
</context>
<context>
    <name>TrainingProcess</name>
    <message>
        <source>The training was ended by force; it can go on from its last checkpoint.</source>
        <translation>Das Training wurde gewaltsam beendet; es kann von seinem letzten Speicherpunkt weitergehen.</translation>
    </message>
    <message>
        <source>The training did not begin; it was ended after too long a silence. Try it once more.</source>
        <translation>Das Training begann nicht; es wurde beendet, weil es zu lange still war. Versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>The training did not stop in time and was ended; it can go on from its last checkpoint.</source>
        <translation>Das Training hielt nicht rechtzeitig an und wurde beendet; es kann von seinem letzten Speicherpunkt weitergehen.</translation>
    </message>
    <message>
        <source>The training could not be started ({reason}); install the program again.</source>
        <translation>Das Training konnte nicht gestartet werden ({reason}); installieren Sie das Programm neu.</translation>
    </message>
    <message>
        <source>The training is finished, after {steps} steps.</source>
        <translation>Das Training ist nach {steps} Schritten fertig.</translation>
    </message>
    <message>
        <source>The training is stopped after {steps} steps; it can go on any time.</source>
        <translation>Das Training ist nach {steps} Schritten angehalten; es kann jederzeit weitergehen.</translation>
    </message>
    <message>
        <source>There was not enough memory. Choose smaller batches, or close other programs.</source>
        <translation>Der Speicher reichte nicht. Wählen Sie kleinere Stapel oder schließen Sie andere Programme.</translation>
    </message>
    <message>
        <source>The system ended the training, most likely because memory ran out. It can go on from its last checkpoint.</source>
        <translation>Das System hat das Training beendet, wahrscheinlich weil der Speicher ausging. Es kann von seinem letzten Speicherpunkt weitergehen.</translation>
    </message>
    <message>
        <source>The training crashed. It can go on from its last checkpoint.</source>
        <translation>Das Training ist abgestürzt. Es kann von seinem letzten Speicherpunkt weitergehen.</translation>
    </message>
    <message>
        <source>The training ended without a word. It can go on from its last checkpoint.</source>
        <translation>Das Training endete wortlos. Es kann von seinem letzten Speicherpunkt weitergehen.</translation>
    </message>
    <message>
        <source>The disk is full; free some space and go on.</source>
        <translation>Die Festplatte ist voll; schaffen Sie Platz und machen Sie weiter.</translation>
    </message>
    <message>
        <source>The graphics driver is too old for this program; update it.</source>
        <translation>Der Grafiktreiber ist zu alt für dieses Programm; aktualisieren Sie ihn.</translation>
    </message>
    <message>
        <source>This graphics card is too old or too new for this program; use the processor.</source>
        <translation>Diese Grafikkarte ist zu alt oder zu neu für dieses Programm; nehmen Sie den Prozessor.</translation>
    </message>
    <message>
        <source>The graphics card stopped with an error; start the computer again and go on.</source>
        <translation>Die Grafikkarte hielt mit einem Fehler an; starten Sie den Computer neu und machen Sie weiter.</translation>
    </message>
    <message>
        <source>The graphics driver failed; close other programs that use the card, and go on.</source>
        <translation>Der Grafiktreiber ist ausgefallen; schließen Sie andere Programme, die die Karte nutzen, und machen Sie weiter.</translation>
    </message>
    <message>
        <source>A process that reads the faces was ended, most likely because memory ran out.</source>
        <translation>Ein Prozess, der die Gesichter liest, wurde beendet, wahrscheinlich weil der Speicher ausging.</translation>
    </message>
</context>
<context>
    <name>Workbench</name>
    <message>
        <source>include face</source>
        <translation>Gesicht dazunehmen</translation>
    </message>
    <message>
        <source>leave out face</source>
        <translation>Gesicht auslassen</translation>
    </message>
    <message>
        <source>remove face</source>
        <translation>Gesicht entfernen</translation>
    </message>
    <message>
        <source>These three points span no face; place them anew.</source>
        <translation>Diese drei Punkte spannen kein Gesicht auf; setzen Sie sie neu.</translation>
    </message>
    <message>
        <source>add face</source>
        <translation>Gesicht hinzufügen</translation>
    </message>
    <message>
        <source>move landmarks</source>
        <translation>Landmarken verschieben</translation>
    </message>
    <message>
        <source>erase</source>
        <translation>radieren</translation>
    </message>
    <message>
        <source>paint back</source>
        <translation>zurückmalen</translation>
    </message>
    <message>
        <source>turn and crop</source>
        <translation>drehen und beschneiden</translation>
    </message>
    <message>
        <source>turn</source>
        <translation>drehen</translation>
    </message>
    <message>
        <source>change all faces</source>
        <translation>alle Gesichter ändern</translation>
    </message>
    <message>
        <source>change face</source>
        <translation>Gesicht ändern</translation>
    </message>
    <message>
        <source>change model</source>
        <translation>Modell wechseln</translation>
    </message>
    <message>
        <source>change model of face</source>
        <translation>Modell des Gesichts wechseln</translation>
    </message>
    <message>
        <source>change size</source>
        <translation>Größe ändern</translation>
    </message>
    <message>
        <source>No face was found. Draw a box around one that was missed.</source>
        <translation>Es wurde kein Gesicht gefunden. Ziehen Sie einen Rahmen um eines, das übersehen wurde.</translation>
    </message>
    <message>
        <source>No face was found in the box. Click on both eyes and the mouth instead.</source>
        <translation>Im Rahmen wurde kein Gesicht gefunden. Klicken Sie stattdessen auf beide Augen und den Mund.</translation>
    </message>
</context>
</TS>
